import { randomBytes } from "node:crypto";
import { appendFile, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../../test/support/postgresql-server.ts";
import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { type Database, openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import type { Batch } from "../booking/batch.ts";
import { makeSpending, openSpending } from "../open-spending.ts";
import { makeAnswer, makeOwner } from "../testing/answers.ts";
import { openJournal } from "./journal.ts";

const owners = [makeOwner("key", "k"), makeOwner("team", "t", { max: 1, since: 0 })];

describe("the journal", needs("postgresql"), () => {
  let server: PostgresqlServer;
  let url: string;
  let folder: string;
  const after: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    const created = await createFolder();
    after.push(async () => created[Symbol.asyncDispose]());
    folder = join(created.path, "journal");
    await migrate(await open(url));
  });
  afterEach(async () => {
    for (const end of after.splice(0).toReversed()) await end();
  });

  async function open(at: string): Promise<Database> {
    const database = await openDatabase(at, { connectionTimeout: 1 });
    after.push(() => database.close());
    return database;
  }

  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  function spend(database: Database, replicaId: string, journal = folder): ReturnType<typeof makeSpending> {
    const log = { info: note, warn: note, error: note };
    const settings = { database_url: url, spend_journal: journal };
    const spending = makeSpending(database, settings, { log, replicaId, version: "1", longestWait: 0 });
    after.push(() => spending.close());
    return spending;
  }

  async function booked(): Promise<{ logs: number; spent: readonly number[]; day: number }> {
    const { db } = await open(url);
    const logs = await db.selectFrom("dheera_spend_logs").select("request_id").execute();
    const spent = await db.selectFrom("dheera_spent").select("spent").orderBy("owner_kind").execute();
    const days = await db.selectFrom("dheera_spend_days").select("requests").execute();
    return {
      logs: logs.length,
      spent: spent.map((row) => row.spent),
      day: days.reduce((sum, row) => sum + row.requests, 0),
    };
  }

  it("holds what is answered while the database is away, for its owner alone, and is booked and gone after", async () => {
    const spending = spend(await open(url), "one");
    await server.kill();
    for (const _ of [1, 2, 3]) {
      spending.book(makeAnswer({ owners }));
      await spending.flush();
    }
    const path = join(folder, "one.spend.jsonl");
    expect((await readFile(path, "utf8")).trim().split("\n")).toHaveLength(4);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe("600");
    expect(((await stat(folder)).mode & 0o777).toString(8)).toBe("700");
    expect(spending.figures()).toEqual({ unbooked: 3, journalBytes: (await stat(path)).size, refused: 0 });
    await server.start();
    await expect
      .poll(() => spending.tidy().then(booked, () => undefined))
      .toEqual({ logs: 3, spent: [15_000, 15_000], day: 3 });
    expect(spending.figures()).toEqual({ unbooked: 0, journalBytes: 0, refused: 0 });
    await spending.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it("reads batches back from the disk when there are more than are kept at hand", async () => {
    const spending = spend(await open(url), "one");
    await server.kill();
    for (let batch = 0; batch < 40; batch += 1) {
      spending.book(makeAnswer({ owners }));
      await spending.flush();
    }
    await server.start();
    await expect
      .poll(() => spending.tidy().then(booked, () => undefined))
      .toEqual({ logs: 40, spent: [200_000, 200_000], day: 40 });
  });

  it("of a dead process is booked by the next, once, although its last line is torn and two adopt it", async () => {
    const dead = spend(await open(url), "dead");
    await server.kill();
    for (const _ of [1, 2]) {
      dead.book(makeAnswer({ owners }));
      await dead.flush();
    }
    const path = join(folder, "dead.spend.jsonl");
    await appendFile(path, '{"id":"torn","at":1,"answers":1,"char');
    await utimes(path, 0, 0);
    await server.start();
    const heirs = [spend(await open(url), "one"), spend(await open(url), "two")];
    await expect
      .poll(() =>
        Promise.all(heirs.map((heir) => heir.tidy())).then(
          () => readdir(folder),
          () => undefined,
        ),
      )
      .toEqual([]);
    expect(await booked()).toEqual({ logs: 2, spent: [10_000, 10_000], day: 2 });
    // It was not dead, and books the same again, and more.
    dead.book(makeAnswer({ owners }));
    await expect.poll(() => dead.flush().then(booked)).toEqual({ logs: 3, spent: [15_000, 15_000], day: 3 });
  });

  it("is left alone where its process lives, or where it is of another database", async () => {
    const living = spend(await open(url), "living");
    await server.kill();
    living.book(makeAnswer({ owners }));
    await living.flush();
    await server.start();
    const other = await server.createDatabase();
    const otherDatabase = await open(other);
    await migrate(otherDatabase);
    const heir = spend(await open(url), "heir");
    await heir.tidy();
    await utimes(join(folder, "living.spend.jsonl"), 0, 0);
    const log = { info: note, warn: note, error: note };
    const settings = { database_url: other, spend_journal: folder };
    await makeSpending(otherDatabase, settings, { log, replicaId: "other", version: "1" }).tidy();
    expect(await readdir(folder)).toEqual(["living.spend.jsonl"]);
    expect((await booked()).logs).toBe(0);
  });

  it("lets all through but what the database can never take, which it keeps apart and names", async () => {
    const log = { info: note, warn: note, error: note };
    const settings = { database_url: url, spend_journal: folder };
    const spending = openSpending(await open(url), settings, { log, replicaId: "one", version: "1" });
    after.push(() => spending.close());
    // Longer than an entry of an index may be: SQLSTATE 54000, which is neither a value nor a constraint.
    spending.book(makeAnswer({ owners, model: randomBytes(20_000).toString("hex") }));
    await spending.flush();
    spending.book(makeAnswer({ owners }));
    await spending.flush();
    expect(await booked()).toEqual({ logs: 1, spent: [5_000, 5_000], day: 1 });
    expect(logged).toContain("answers could not be booked");
    expect(spending.figures().refused).toBe(1);
    expect((await readFile(join(folder, "refused.jsonl"), "utf8")).trim().split("\n")).toHaveLength(1);
    expect(((await stat(join(folder, "refused.jsonl"))).mode & 0o777).toString(8)).toBe("600");
  });

  it("is not needed where events cannot be recorded: what was spent is booked without them", async () => {
    const { db } = await open(url);
    await db.schema.dropTable("dheera_events").cascade().execute();
    const spending = spend(await open(url), "one");
    spending.book(makeAnswer({ owners: [makeOwner("key", "k", { max: 0.000_004, since: 0 })] }));
    await spending.flush();
    expect(await booked()).toEqual({ logs: 1, spent: [5_000], day: 1 });
    expect(logged).toContain("webhooks are not told what follows of answers, which are booked");
  });

  it("that cannot be written leaves answers in memory, says so, and they are booked after", async () => {
    const spending = spend(await open(url), "one", "/dev/null/journal");
    await server.kill();
    spending.book(makeAnswer({ owners }));
    await spending.flush();
    expect(logged).toContain("spend_journal cannot be written; answers are kept in memory, as far as there is room");
    await server.start();
    await expect
      .poll(() => spending.tidy().then(booked, () => undefined))
      .toEqual({ logs: 1, spent: [5_000, 5_000], day: 1 });
  });

  it.each([
    ["was made", true],
    ["was not made", false],
  ])("and a commit of which nothing is heard, which %s, book once", async (_, isMade) => {
    const line = await openFaultyLine(server.port, isMade);
    after.push(() => line.close());
    const database = await open(url.replace(`:${server.port}/`, `:${line.port}/`));
    const spending = spend(database, "one");
    await spending.tidy();
    const reservation = await spending.reserve(owners, 7_000);
    line.breakNextCommit();
    spending.book(makeAnswer({ owners }), reservation);
    await spending.flush();
    expect(line.broken).toBe(1);
    spending.book(makeAnswer({ owners }));
    await expect
      .poll(() =>
        spending
          .tidy()
          .then(() => spending.flush())
          .then(booked, () => undefined),
      )
      .toEqual({ logs: 2, spent: [10_000, 10_000], day: 2 });
    const { db } = await open(url);
    const [allowance] = await db.selectFrom("dheera_allowances").select("amount").execute();
    expect(allowance?.amount).toBeLessThanOrEqual(1_000_000_000 - 10_000);
  });
});

interface FaultyLine {
  readonly port: number;
  readonly broken: number;
  breakNextCommit(): void;
  close(): Promise<void>;
}

/** Leads to a PostgreSQL, and breaks when something is committed: before the server hears of it, or before the client hears that it is done. */
async function openFaultyLine(target: number, isMade: boolean): Promise<FaultyLine> {
  let breaks = false;
  let broken = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let isMute = false;
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on("close", end);
    upstream.on("close", end);
    client.on("data", (data) => {
      if (breaks && data.includes("commit\0")) {
        breaks = false;
        broken += 1;
        if (!isMade) return end();
        isMute = true;
      }
      upstream.write(data);
    });
    upstream.on("data", (data) => (isMute ? end() : client.write(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return {
    port: address.port,
    get broken() {
      return broken;
    },
    breakNextCommit: () => (breaks = true),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

describe("the file of a journal", () => {
  const noted: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: (message: string) => void noted.push(message) };
  const batch: Batch = { id: "b", at: 1, answers: 1, charges: [], days: [], logs: [] };

  it("takes no more than its bound, says so once, and has room again when all was booked", async () => {
    await using folder = await createFolder();
    const journal = openJournal({ folder: folder.path, replicaId: "r", database: "d", log, mostBytes: 600 });
    const places = [
      ...(await journal.append([batch])),
      ...(await journal.append(Array.from({ length: 9 }, () => batch))),
    ];
    expect([places.at(0), places.at(-1)]).toEqual([expect.anything(), undefined]);
    expect(await journal.append([batch])).toEqual([undefined]);
    expect(noted).toEqual(["spend_journal is full; more is kept in memory, as far as there is room"]);
    expect((await stat(join(folder.path, "r.spend.jsonl"))).size).toBeLessThanOrEqual(600);
    await journal.clear();
    expect((await journal.append([batch]))[0]).toBeDefined();
    await journal.leave();
  });

  it("is made anew where another process took it for that of a dead one and removed it", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "r.spend.jsonl");
    const journal = openJournal({ folder: folder.path, replicaId: "r", database: "d", log });
    const [first] = await journal.append([batch]);
    await rm(path);
    const [second] = await journal.append([{ ...batch, id: "c" }]);
    expect((await readFile(path, "utf8")).trim().split("\n").at(-1)).toContain('"id":"c"');
    expect([first && (await journal.read(first)), second && (await journal.read(second))]).toEqual([
      batch,
      { ...batch, id: "c" },
    ]);
    await journal.leave();
  });
});
