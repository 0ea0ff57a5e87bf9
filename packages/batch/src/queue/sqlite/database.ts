import { closeSync, openSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";

import { DheeraError } from "@dheera-ai/core";
import { type GenericSchema, type InferOutput, parse } from "valibot";

import { outOfService } from "../../out-of-service.ts";
import { steps } from "./tables.ts";

/** Milliseconds for which the process stands still while another one writes; after that it does other things between attempts. */
const timeOfStandstill = 50;
const timeBetweenAttempts = 20;
/** Milliseconds after which an attempt is given up. */
const timeOfAttempts = 10_000;

/** SQLite as Node.js and Bun bring it: one connection a process; processes on one file wait for each other. */
export class SqliteDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  #log: FileHandle | undefined;
  #syncing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isClosed = false;

  /** @throws DheeraError `unavailable` where the file cannot be used, or a newer release has made it */
  static async open(path: string): Promise<SqliteDatabase> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Batches are their owners' alone. The files beside it get the rights of this one.
      closeSync(openSync(path, "a", 0o600));
      return await new SqliteDatabase(path).#prepareTables();
    } catch (error) {
      throw databaseError(path, error);
    }
  }

  private constructor(path: string) {
    this.#path = path;
    const { DatabaseSync: Opened } = loadSqlite();
    this.#database = new Opened(path, { timeout: timeOfStandstill, enableForeignKeyConstraints: true });
  }

  async #prepareTables(): Promise<this> {
    await this.#patiently(() => this.#database.exec("pragma journal_mode = wal"));
    // Durable changes wait for `#sync`, off the event loop, where SQLite itself would let the process stand still.
    this.#database.exec("pragma synchronous = normal");
    await this.#patiently(() => this.#inTransaction(() => this.#makeTables()));
    this.#log = await open(`${this.#path}-wal`, "r+");
    await this.#log.datasync();
    await using folder = await open(dirname(this.#path), "r");
    await folder.sync();
    return this;
  }

  #makeTables(): void {
    const found = Number(this.#database.prepare("pragma user_version").get()?.["user_version"] ?? 0);
    if (found > steps.length) throw new Error("a newer release has made it; use that one");
    if (found === steps.length) return;
    for (const step of steps.slice(found)) this.#database.exec(step);
    this.#database.exec(`pragma user_version = ${steps.length}`);
  }

  /** Rows of one statement, in a transaction or by itself. */
  rows<Schema extends GenericSchema>(
    schema: Schema,
    text: string,
    ...values: readonly SQLInputValue[]
  ): InferOutput<Schema>[] {
    return this.#prepare(text)
      .all(...values)
      .map((row) => parse(schema, row));
  }

  /** @returns how many rows were changed */
  run(text: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepare(text).run(...values).changes);
  }

  /** What needs no transaction, or one statement. Tried again while another process has the file. */
  read<T>(work: () => T): Promise<T> {
    return this.#patiently(work);
  }

  /**
   * All or nothing, with the file for itself from the beginning. There after the end of this process when it resolves; a power cut may
   * undo what only workers notice.
   */
  change<T>(work: () => T): Promise<T> {
    return this.#patiently(() => this.#inTransaction(work));
  }

  /** The same; there after a power cut too. */
  async changeDurably<T>(work: () => T): Promise<T> {
    const result = await this.change(work);
    await this.#sync();
    return result;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#next;
    await this.#syncing;
    this.#database.close();
    await this.#log?.close();
  }

  #prepare(text: string): StatementSync {
    let statement = this.#prepared.get(text);
    if (statement === undefined) this.#prepared.set(text, (statement = this.#database.prepare(text)));
    return statement;
  }

  #inTransaction<T>(work: () => T): T {
    // At once with the right to write: a transaction that only gets it later fails where another one was quicker.
    this.#database.exec("begin immediate");
    try {
      const result = work();
      this.#database.exec("commit");
      return result;
    } catch (error) {
      // Some errors have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec("rollback");
      throw error;
    }
  }

  async #patiently<T>(work: () => T): Promise<T> {
    const end = performance.now() + timeOfAttempts;
    for (;;)
      try {
        if (this.#isClosed) throw new DheeraError("unavailable", "the queue was closed");
        return work();
      } catch (error) {
        if (resultCode(error) !== busy || performance.now() > end) throw databaseError(this.#path, error);
        await wait(timeBetweenAttempts);
      }
  }

  /** Changes that are made while the log is written to the disk wait for the next time, all together. */
  async #sync(): Promise<void> {
    if (this.#syncing === undefined) {
      this.#syncing = this.#syncLog().finally(() => (this.#syncing = undefined));
      return this.#syncing;
    }
    this.#next ??= this.#syncing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#sync();
      });
    return this.#next;
  }

  async #syncLog(): Promise<void> {
    try {
      await this.#log?.datasync();
    } catch (error) {
      throw databaseError(this.#path, error);
    }
  }
}

/** https://sqlite.org/rescode.html */
const busy = 5;
const full = 13;
/** Read-only, input or output failed, damaged, full, cannot be opened, not a database. */
const unusable: ReadonlySet<number> = new Set([busy, 8, 10, 11, full, 14, 26]);

/** Errors of the system and of SQLite; programming errors stay what they are. */
function databaseError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DheeraError) return error;
  const code = resultCode(error);
  const isFull = code === full || Reflect.get(error, "code") === "ENOSPC";
  const isOfSystem = typeof Reflect.get(error, "syscall") === "string";
  if (code === undefined && !isOfSystem && !/newer release/.test(error.message)) return error;
  if (code !== undefined && !unusable.has(code)) return error;
  const reason = isFull ? "its disk is full; what waits goes on when there is room" : error.message;
  return outOfService({ what: "queue", isFull, reason: `the queue ${path}: ${reason}`, cause: error });
}

/** The primary code, which is in the lowest byte. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, "errcode") ?? Reflect.get(error, "errno");
  return typeof code === "number" && code > 0 ? code & 0xff : undefined;
}

/** Node.js 22 and 24 warn on the terminal that the module is experimental; what is used of it is the same in 26, where it is not. */
function loadSqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const sqlite = process.getBuiltinModule("node:sqlite");
    if (sqlite === undefined) throw new Error("this runtime has no node:sqlite; Node.js 22.19 and Bun 1.4 do");
    return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}
