import type { DatabaseSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";

import { openToRead, resultCode } from "../sqlite-file.ts";
import { type Answer, isOrder, type Order, ready } from "./messages.ts";

/** Milliseconds to wait for a process that puts the file in order after a crash. */
const standstill = 5_000;
/** Rows of one answer: some milliseconds of whoever reads them. */
const rowsAtOnce = 500;

/** Runs statements one by one, and hands out their rows by pieces. */
export function readInThread(path: string): void {
  let database: DatabaseSync | undefined;
  let rows: unknown[] = [];
  let sent = 0;

  parentPort?.on("message", (order: unknown) => {
    if (isOrder(order)) say(answerTo(order));
  });
  say(ready);

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
}

function say(message: Answer | typeof ready): void {
  // Windows have origins, threads have none.
  // eslint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(message);
}
