import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { sql } from "kysely";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { bunBinary } from "../../../../../test/support/bun-binary.ts";
import { eventually } from "../../../../../test/support/eventually.ts";
import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../open-database.ts";
import { readerProgram } from "./program.ts";
import { Reader } from "./reader.ts";
import { Readers } from "./readers.ts";

const longTime = 600_000;
const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
const runtimes = [
  ["Node.js", process.execPath, ["-C", "source"]],
  ["Bun", bunBinary(), ["--conditions=source"]],
] as const;

afterEach(() => vi.unstubAllEnvs());

describe("reports of SQLite", () => {
  it("hold up nobody: the process does all else meanwhile", async () => {
    const database = await open();
    await sql`create table numbers (number bigint)`.execute(database.db);
    let isDone = false;
    const report = database.report((db) => sql.raw(endless).execute(db)).finally(() => (isDone = true));
    report.catch(() => {});
    for (let number = 0; number < 500; number++) {
      await turn();
      await database.transaction((own) => sql`insert into numbers values (${number})`.execute(own));
    }
    const others = await database.report((db) =>
      sql<{ count: number }>`select count(*) as count from numbers`.execute(db),
    );
    expect([others.rows, isDone]).toEqual([[{ count: 500 }], false]);
    await database.close();
    await expect(report).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("stops") });
  });

  it("are what the connection that writes would give, however many rows there are", async () => {
    const database = await open();
    await sql`create table things (name text, amount bigint, share double precision)`.execute(database.db);
    await sql`insert into things values ('ü \u2028 "', ${Number.MAX_SAFE_INTEGER}, 0.1), (null, -1, 1e300), ('', 0, -0.5)`.execute(
      database.db,
    );
    await sql`insert into things with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
      select 'thing ' || i, i, i / 7.0 from n`.execute(database.db);
    const statement = sql`select *, amount + 0.5 as more from things where amount <> ${17n} order by rowid`;
    const { rows } = await statement.execute(database.db);
    expect(rows).toHaveLength(2502);
    expect((await database.report((db) => statement.execute(db))).rows).toEqual(rows);
    expect((await database.report((db) => sql`select 1 where 1 = 0`.execute(db))).rows).toEqual([]);
  });

  it("of a statement that is wrong say what is wrong, and go on", async () => {
    const database = await open();
    await expect(database.report((db) => sql`select * from nowhere`.execute(db))).rejects.toThrow(
      "no such table: nowhere",
    );
    expect(database.trouble).toBeUndefined();
    expect((await database.report((db) => sql`select 1 as one`.execute(db))).rows).toEqual([{ one: 1 }]);
  });

  it("see what another process has made of the tables meanwhile", async () => {
    const url = `sqlite:${await makeFile()}`;
    const [database, other] = [await open(url), await open(url)];
    await sql`create table numbers (number bigint)`.execute(other.db);
    const readAll = (): Promise<unknown> =>
      database.report((db) => sql`select * from numbers`.execute(db)).then(({ rows }) => rows);
    expect(await readAll()).toEqual([]);
    await sql`alter table numbers add column name text`.execute(other.db);
    await sql`insert into numbers values (1, 'one')`.execute(other.db);
    expect(await readAll()).toEqual([{ number: 1, name: "one" }]);
    await sql`drop table numbers`.execute(other.db);
    await sql`create table numbers (name text)`.execute(other.db);
    expect(await readAll()).toEqual([]);
  });

  it("cannot be made of a file that is none, which is trouble of the database", async () => {
    const path = await makeFile();
    await writeFile(path, "this is a text and no database ".repeat(100));
    const database = await open(`sqlite:${path}`);
    await expect(database.report((db) => sql`select 1`.execute(db))).rejects.toMatchObject({ code: "unavailable" });
    expect(database.trouble?.reason).toContain("not a database");
  });

  it("of a database in memory are read where it is", async () => {
    const database = await open("sqlite::memory:");
    await sql`create table numbers (number bigint)`.execute(database.db);
    expect((await database.report((db) => sql`select * from numbers`.execute(db))).rows).toEqual([]);
  });
});

describe("a process that reads", () => {
  it("is ended where it takes too long", async () => {
    const reader = await startReader();
    await expect(reader.read(endless, [], 100)).rejects.toMatchObject({ code: "timeout", retryable: false });
    await eventually(() => isRunning(reader.pid)).toBe(false);
    expect(reader.isAlive).toBe(false);
  });

  it.each([true, false])("that dies fails who waits for it, and whoever asks it later: %s", async (isAsked) => {
    const reader = await startReader();
    expect(await reader.read("select 1 as one", [], longTime)).toEqual([{ one: 1 }]);
    const waiting = reader.read(endless, [], longTime);
    // Once it is asked, and also where it is gone before.
    if (isAsked) await turn();
    process.kill(reader.pid ?? 0, "SIGKILL");
    const refusal = { code: "unavailable", message: expect.stringContaining("ended (SIGKILL)") };
    await expect(waiting).rejects.toMatchObject(refusal);
    await expect(reader.read("select 1", [], longTime)).rejects.toMatchObject(refusal);
  });

  it("does not end at what stops all processes of a service, but when it is told", async () => {
    const reader = await startReader();
    await reader.read("select 1", [], longTime);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.kill(reader.pid ?? 0, signal);
    expect(await reader.read("select 1 as one", [], longTime)).toEqual([{ one: 1 }]);
  });

  it("is ended when nobody has asked for it for a while, and replaced when somebody does", async () => {
    const readers = new Readers(await makeFile(), { atOnce: 1, patience: longTime, idle: 20 });
    onTestFinished(() => readers.close());
    for (let time = 0; time < 2; time++) {
      const reader = await readers.take();
      expect(await reader.read("select 1 as one", [], longTime)).toEqual([{ one: 1 }]);
      readers.giveBack(reader);
      await eventually(() => isRunning(reader.pid)).toBe(false);
    }
  });

  it("gets no option of Node.js that is meant for this process", async () => {
    vi.stubEnv("NODE_OPTIONS", "--require /nowhere/missing.cjs");
    const reader = await startReader();
    expect(await reader.read("select 1 as one", [], longTime)).toEqual([{ one: 1 }]);
  });

  it.runIf(process.platform === "linux")("knows no key and no password, only what it needs to run", async () => {
    vi.stubEnv("DHEERA_AI_MASTER_KEY", "a-key-of-this-process");
    vi.stubEnv("SQLITE_TMPDIR", "/var/tmp");
    const reader = await startReader();
    await reader.read("select 1", [], longTime);
    const environment = await readFile(`/proc/${reader.pid}/environ`, "utf8");
    const variables = environment.split("\0");
    expect(variables).toContain(`PATH=${process.env["PATH"]}`);
    expect(variables).toContain("SQLITE_TMPDIR=/var/tmp");
    expect(environment).not.toContain("a-key-of-this-process");
  });

  it("is used again by who comes next, and given to who waits first", async () => {
    const readers = new Readers(await makeFile(), { atOnce: 1, patience: longTime, idle: longTime });
    const reader = await readers.take();
    const order: number[] = [];
    const waiting = [1, 2].map(async (name) => {
      const own = await readers.take();
      order.push(name);
      expect(own).toBe(reader);
      readers.giveBack(own);
    });
    readers.giveBack(reader);
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
    await readers.close();
    await eventually(() => isRunning(reader.pid)).toBe(false);
    await expect(readers.take()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is counted, and so are those who wait, who came in vain, and whose it was when it was lost", async () => {
    const readers = new Readers(await makeFile(), { atOnce: 1, patience: 1, idle: longTime });
    onTestFinished(() => readers.close());
    const failed = { refused: 0, timeout: 0, ended: 0 };
    expect(readers.figures()).toEqual({ processes: 0, waiting: 0, failed });
    const first = await readers.take();
    const refused = expect(readers.take()).rejects.toMatchObject({ code: "unavailable" });
    expect(readers.figures()).toEqual({ processes: 1, waiting: 1, failed });
    await refused;
    await expect(first.read(endless, [], 1)).rejects.toMatchObject({ code: "timeout" });
    readers.giveBack(first);
    const second = await readers.take();
    const lost = second.read(endless, [], longTime);
    process.kill(second.pid ?? 0, "SIGKILL");
    await expect(lost).rejects.toMatchObject({ code: "unavailable" });
    readers.giveBack(second);
    expect(readers.figures()).toEqual({ processes: 0, waiting: 0, failed: { refused: 1, timeout: 1, ended: 1 } });
  });

  it("is had by nobody who still waits when all is closed", async () => {
    const readers = new Readers(await makeFile(), { atOnce: 1, patience: longTime, idle: longTime });
    const reader = await readers.take();
    const running = reader.read(endless, [], longTime);
    const waiting = readers.take();
    const outcomes = Promise.allSettled([running.finally(() => readers.giveBack(reader)), waiting]);
    await readers.close();
    const closed = { status: "rejected", reason: expect.objectContaining({ code: "unavailable" }) };
    expect(await outcomes).toEqual([closed, closed]);
  });

  it.each(runtimes)(
    "of %s ends within a statement when the process that started it is killed",
    async (_, command, conditions) => {
      const { pid, parent } = await startBusyReader(command, conditions);
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.kill(pid, signal);
      parent.kill("SIGKILL");
      await eventually(() => isRunning(pid)).toBe(false);
    },
  );

  it.each(runtimes)("of %s ends when it takes too long, also where nobody ends it", async (_, command) => {
    const reader = fork(readerProgram(), [await makeFile()], { execPath: command, execArgv: [] });
    onTestFinished(() => void reader.kill("SIGKILL"));
    await once(reader, "message");
    reader.send({ sql: endless, parameters: [], time: 10 });
    expect(await once(reader, "exit")).toEqual([null, "SIGKILL"]);
  });
});

async function makeFile(): Promise<string> {
  const path = await placeOfFile();
  const database = await openDatabase(`sqlite:${path}`);
  await sql`select 1`.execute(database.db);
  await database.close();
  return path;
}

async function placeOfFile(): Promise<string> {
  const folder = await createFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return join(folder.path, "teams.db");
}

interface BusyReader {
  readonly pid: number;
  readonly parent: ChildProcess;
}

/** It is within a statement that does not end, and the process that started it hears nothing. */
async function startBusyReader(command: string, conditions: readonly string[]): Promise<BusyReader> {
  const path = await placeOfFile();
  // Without a log of what is written: who reads keeps those out who want the file for themselves.
  const database = new DatabaseSync(path);
  database.exec("create table things (name text); insert into things values ('one')");
  database.close();
  const program = fileURLToPath(new URL("../../testing/start-reader.ts", import.meta.url));
  const endlessOfThings = endless.replace("select 1", "select 1 from things");
  const parameters = [...conditions, program, path, endlessOfThings];
  const parent = spawn(command, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [line]: unknown[] = await once(createInterface(parent.stdout), "line");
  const pid = Number(line);
  onTestFinished(() => {
    if (isRunning(pid)) process.kill(pid, "SIGKILL");
  });
  await eventually(() => isHeld(path)).toBe(true);
  return { pid, parent };
}

/** Whether somebody reads it, so that nobody may have it alone. */
function isHeld(path: string): boolean {
  const database = new DatabaseSync(path);
  try {
    database.exec("begin exclusive; rollback");
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

async function open(url?: string, options: DatabaseOptions = {}): Promise<Database> {
  const database = await openDatabase(url ?? `sqlite:${await makeFile()}`, { reportTime: longTime / 1000, ...options });
  onTestFinished(() => database.close());
  return database;
}

async function startReader(): Promise<Reader> {
  const reader = new Reader(await makeFile());
  onTestFinished(() => reader.end(new Error("the test is over")));
  return reader;
}

function isRunning(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
}
