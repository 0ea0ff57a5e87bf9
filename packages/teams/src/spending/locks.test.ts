import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { type Database, openDatabase } from "../database/open-database.ts";
import { migrate } from "../migrations/migrate.ts";
import { openAccounts } from "./budgets/accounts.ts";
import { settle } from "./budgets/settle.ts";
import { type Lane, openLane } from "./lane.ts";
import { makeSpending } from "./open-spending.ts";
import { makeAnswer, makeOwner } from "./testing/answers.ts";
import type { NewcomerOrder } from "./testing/newcomer.ts";

const program = fileURLToPath(new URL("testing/newcomer.ts", import.meta.url));

describe("locks of booking and of taking room in budgets", needs("postgresql"), () => {
  let server: PostgresqlServer;
  let database: Database;
  let url: string;
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    database = await openDatabase(url);
    await migrate(database);
    return () => database.close();
  });

  async function count(question: string): Promise<number> {
    const { rows } = await sql<{ found: number }>`${sql.raw(question)}`.execute(database.db);
    return Number(rows[0]?.found);
  }

  /** What the server counts is known for certain when those who were in one are gone. */
  async function deadlocks(): Promise<number> {
    const others = `select count(*) as found from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await expect.poll(() => count(others)).toBe(0);
    return count("select deadlocks as found from pg_stat_database where datname = current_database()");
  }

  it("are taken in one order, where one owner has spent before and another is new", async () => {
    const [booking, taking] = [await openDatabase(url), await openDatabase(url)];
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const settings = { database_url: url, spend_journal: "" };
    const spending = makeSpending(booking, settings, { log, replicaId: "one", version: "1" });
    const known = makeOwner("team", "a", { max: 9, since: 0 });
    const owners = [known, makeOwner("team", "b", { max: 9, since: 0 })];
    spending.book(makeAnswer({ owners: [known] }));
    await spending.flush();

    const lane = openLane(taking);
    let booked: Promise<void> | undefined;
    let attempts = 0;
    /** Between the first statement and the next, somebody else books, as far as the locks let him. */
    const interrupted: Lane = {
      ...lane,
      transact: (work) =>
        lane.transact((run) => {
          attempts += 1;
          return work(async (statement) => {
            const rows = await run(statement);
            if (booked === undefined) {
              spending.book(makeAnswer({ owners }));
              booked = spending.flush();
              const waiting = "select count(*) as found from pg_stat_activity where wait_event_type = 'Lock'";
              await expect.poll(() => count(waiting), { timeout: 5_000, interval: 5 }).toBe(1);
            }
            return rows;
          });
        }),
    };
    const { all } = openAccounts().chainOf(owners, Date.now());
    await settle(interrupted, "postgresql", { id: "two", alive: 1, mayJudge: false }, all, Date.now);
    await booked;
    await spending.close();
    await Promise.all([booking.close(), taking.close()]);
    expect(attempts).toBe(1);
    expect(await deadlocks()).toBe(0);
    expect(await count("select sum(spent) as found from dheera_spent")).toBe(15_000);
  });

  it("never wait for each other, where one process books to owners who are new while another takes room in their budgets", async () => {
    const rounds = 30;
    const owners = 40;
    const start = (does: NewcomerOrder["does"]): ChildProcessByStdio<Writable, Readable, null> => {
      const order: NewcomerOrder = { url, replicaId: does, does, owners };
      const child = spawn(process.execPath, ["-C", "source", program, JSON.stringify(order)], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    };
    const children = [start("book"), start("reserve")];
    const said = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    const heard = async (): Promise<unknown[]> => Promise.all(said.map(async (lines) => (await lines.next()).value));
    expect(await heard()).toEqual(["ready", "ready"]);
    for (let round = 0; round < rounds; round += 1) {
      // Half of them have spent before.
      await sql`insert into dheera_spent (owner_kind, owner_id, window_start, spent)
        select 'team', 'a' || number || '-' || ${`${round}`}, 0, 0 from generate_series(0, ${owners - 1}) as number`.execute(
        database.db,
      );
      for (const child of children) child.stdin.write(`${round}\n`);
      expect(await heard()).toEqual([`${round}`, `${round}`]);
    }
    const ended = children.map((child) => once(child, "exit"));
    for (const child of children) child.stdin.end();
    expect((await Promise.all(ended)).map(([code]) => code)).toEqual([0, 0]);
    expect(await deadlocks()).toBe(0);
    expect(await count("select sum(spent) as found from dheera_spent")).toBe(rounds * 2 * owners * 5_000);
  });
});
