import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../../test/support/postgresql-server.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import { beatEvery } from "../budgets/replica.ts";
import { makeSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner, noon } from "../testing/answers.ts";
import { removeAnswersOf } from "./forget-answers.ts";
import { removeOld } from "./retention.ts";

const day = 86_400_000;
const kept = { logs: day };

describe("what is old, in PostgreSQL", needs("postgresql"), () => {
  let server: PostgresqlServer;
  let url: string;
  const warned: string[] = [];
  const logged: string[] = [];
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    warned.length = 0;
    logged.length = 0;
    url = await server.createDatabase();
    const database = await open();
    await migrate(database);
    const spending = spend(database);
    for (const request_id of ["1", "2", "3"]) spending.book(makeAnswer({ request_id, owners, at: noon - 2 * day }));
    await spending.flush();
  });

  const owners = [makeOwner("key", "k")];

  async function open(options: DatabaseOptions = {}): Promise<Database> {
    const database = await openDatabase(url, options);
    onTestFinished(() => database.close());
    return database;
  }

  function spend(database: Database, now = (): number => noon): ReturnType<typeof makeSpending> {
    const settings = { database_url: url, spend_journal: "", maximum_spend_logs_retention_period: "1d" };
    const log = {
      info: (message: string) => void logged.push(message),
      warn: (message: string) => void warned.push(message),
      error: () => {},
    };
    return makeSpending(database, settings, { log, replicaId: "r", version: "1", now });
  }

  async function waitingForLocks({ db }: Database): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    return Number(rows[0]?.count);
  }

  /** @returns what ends the lock */
  async function lock(statement: string): Promise<() => Promise<void>> {
    const database = await open();
    const locked = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<void>();
    // Also where a test fails: whoever closes the database waits for its transactions.
    onTestFinished(() => ending.resolve());
    const done = database.transaction(async (transaction) => {
      await sql.raw(statement).execute(transaction);
      locked.resolve();
      await ending.promise;
    });
    await locked.promise;
    return () => {
      ending.resolve();
      return done;
    };
  }

  it("is deleted but for rows that somebody else uses, for which nobody waits", async () => {
    const database = await open();
    const unlock = await lock("select 1 from dheera_spend_logs where request_id = '2' for update");
    expect(await removeOld(database, kept, noon)).toEqual({ logs: 2, audit: 0 });
    await unlock();
    expect(await removeOld(database, kept, noon)).toEqual({ logs: 1, audit: 0 });
  });

  it("is given up where the server needs too long, which is no trouble of the database", async () => {
    const database = await open({ reportTime: 0.2 });
    const unlock = await lock("lock table dheera_spend_logs in access exclusive mode");
    const refused = { code: "timeout", message: expect.stringContaining("the database needs too long to delete rows") };
    await expect(removeOld(database, kept, noon)).rejects.toMatchObject(refused);
    await expect(removeAnswersOf(database, { kind: "key", id: "k" }, { name: "master" }, noon)).rejects.toMatchObject(
      refused,
    );
    expect(database.trouble).toBeUndefined();
    await unlock();
    expect(await removeAnswersOf(database, { kind: "key", id: "k" }, { name: "master" }, noon)).toBe(3);
  });

  it("keeps a replica from no sign of life while it is deleted", async () => {
    // Nothing but the end of the lock ends the deletion while the two beats are awaited.
    const database = await open({ reportTime: 8 });
    let now = noon;
    const spending = spend(database, () => now);
    const signs = (): Promise<readonly { readonly seen_at: number }[]> =>
      database.db.selectFrom("dheera_replicas").select("seen_at").execute();
    const unlock = await lock("lock table dheera_spend_logs in access exclusive mode");
    await spending.tidy();
    const [first] = await signs();
    now += beatEvery;
    await spending.tidy();
    const [second] = await signs();
    expect(second?.seen_at).toBeGreaterThan(first?.seen_at ?? Number.POSITIVE_INFINITY);
    // It still waits for the lock: neither given up nor done.
    expect(warned).toEqual([]);
    await expect.poll(() => waitingForLocks(database)).toBe(1);
    await unlock();
    await expect.poll(() => logged).toEqual(["deleted what is older than it may be"]);
  });

  it("is tried again in an hour where it took too long", async () => {
    const database = await open({ reportTime: 1 });
    let now = noon;
    const spending = spend(database, () => now);
    const unlock = await lock("lock table dheera_spend_logs in access exclusive mode");
    await spending.tidy();
    await expect.poll(() => warned).toEqual([expect.stringContaining("it is tried again in an hour")]);
    await unlock();
    await spending.tidy();
    expect(logged).toEqual([]);
    now += 3_600_000;
    await spending.tidy();
    await expect.poll(() => logged).toEqual(["deleted what is older than it may be"]);
  });
});
