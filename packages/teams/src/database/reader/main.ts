/**
 * A process that reads a file of SQLite for another one, which goes on meanwhile: `main.ts <path>`. It takes statements as messages, and
 * ends with the process that started it.
 */
import { setPriority } from "node:os";
import type { DatabaseSync } from "node:sqlite";

import { openToRead, resultCode } from "../sqlite-file.ts";
import { type Answer, isOrder, type Order, ready } from "./messages.ts";

/** Milliseconds to wait for a process that puts the file in order after a crash. */
const standstill = 5_000;
/** Rows of one answer: some milliseconds of whoever reads them. */
const rowsAtOnce = 500;
/** A little behind requests, where both want the same processor. */
const priority = 5;

const [, , path = ""] = process.argv;
let database: DatabaseSync | undefined;
let rows: unknown[] = [];
let sent = 0;

try {
  setPriority(priority);
} catch {
  // Not everywhere may a process be put behind others.
}
process.on("message", (order: unknown) => {
  if (isOrder(order)) process.send?.(answerTo(order));
});
process.on("disconnect", () => process.exit());
// What stops a service is sent to all its processes: the one that started this one says when it ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
process.send?.(ready);

function answerTo(order: Order): Answer {
  try {
    if (order !== "more") {
      database ??= openToRead(path, standstill);
      // All at once, so that what is read is of one moment and nothing holds the file while rows are on their way.
      rows = database.prepare(order.sql).all(...order.parameters);
      sent = 0;
    }
    const piece = rows.slice(sent, sent + rowsAtOnce);
    sent += piece.length;
    const isLast = sent >= rows.length;
    if (isLast) rows = [];
    return { rows: piece, isLast };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), code: resultCode(error) };
  }
}
