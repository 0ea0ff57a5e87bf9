import { setTimeout as sleep } from "node:timers/promises";

import pino from "pino";

/** Where log lines go. */
export interface LineWriter {
  /** Takes a line with its end. Never throws, never waits. */
  write(line: string): void;
  /** Lines dropped because their reader was too slow. */
  readonly dropped: number;
  /** Resolves when every line is written, or when no reader has taken the lines in time. */
  close(): Promise<void>;
}

/** Bytes that may wait for a slow reader. */
const mostWaiting = 16 * 1024 * 1024;
/** Closing waits this long for a slow reader. */
const closeTimeoutMs = 2_000;

/** A line waits this long for others, because writing each by itself costs more than all the rest of telemetry. */
const gatherMs = 10;
/** This many lines are written at once, without further waiting. */
const mostLines = 500;

/**
 * Writes to a file descriptor in the background, many lines at a time (bench/telemetry.ts).
 * Lines that still wait when the process exits are written then, perhaps before those of a write that had begun.
 */
export function lineWriter(descriptor: number): LineWriter {
  // With a minLength of 0, flush() would not wait for a write that has begun.
  const destination = pino.destination({ dest: descriptor, sync: false, minLength: 1, maxLength: mostWaiting });
  let lines: string[] = [];
  let dropped = 0;
  let isGone = false;
  const hand = (): void => {
    const text = lines.join("");
    if (isGone) dropped += lines.length;
    lines = [];
    if (text !== "" && !isGone) destination.write(text);
  };
  const onDrop = (text: string): void => {
    dropped += text.split("\n").length - 1;
  };
  destination.on("drop", onDrop);
  // A full disk costs lines; as an unhandled error event it would cost the process. A terminal that is gone stays gone:
  // what waits for it would be tried for ever when the process exits.
  destination.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EIO" || isGone) return;
    isGone = true;
    destination.destroy();
  });
  // Runs before the destination's own listener, which writes what the destination holds.
  process.prependListener("exit", hand);

  return {
    get dropped() {
      return dropped;
    },
    write(line) {
      const count = lines.push(line);
      if (count === 1) setTimeout(hand, gatherMs);
      else if (count === mostLines) hand();
    },
    async close() {
      hand();
      process.removeListener("exit", hand);
      if (isGone) return;
      const flushed = new Promise<void>((resolve) => destination.flush(() => resolve()));
      await Promise.race([flushed, sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}
