import { closeSync, openSync } from "node:fs";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";

/** @param standstill milliseconds for which the process stands still while another one writes */
export function openToWrite(path: string, standstill: number): DatabaseSync {
  const { DatabaseSync: Opened } = loadSqlite();
  // It tells who spends what: nobody else on this machine may read it. The files beside it get the rights of this one.
  if (path !== inMemory) closeSync(openSync(path, "a", 0o600));
  return new Opened(path, { timeout: standstill, enableForeignKeyConstraints: true });
}

/** @param standstill milliseconds for which the process stands still while another one puts the file in order */
export function openToRead(path: string, standstill: number): DatabaseSync {
  const { DatabaseSync: Opened } = loadSqlite();
  return new Opened(path, { timeout: standstill, readOnly: true });
}

/** The path of a database that keeps nothing, and that one connection alone can see. */
export const inMemory = ":memory:";

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

export function toSqlite(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint")
    return value;
  throw new TypeError(`SQLite takes no ${typeof value}`);
}

/** https://sqlite.org/rescode.html */
export const busy = 5;
/** Busy, read-only, input or output failed, damaged, full, cannot be opened, not a database. */
const unusable: ReadonlySet<number> = new Set([busy, 8, 10, 11, 13, 14, 26]);

/** Whether an error of this code says that the file cannot be used, and not that a statement is wrong. */
export function isUnusable(code: number | undefined): boolean {
  return code !== undefined && unusable.has(code);
}

/** The primary code, which is in the lowest byte. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, "errcode") ?? Reflect.get(error, "errno");
  return typeof code === "number" ? code & 0xff : undefined;
}
