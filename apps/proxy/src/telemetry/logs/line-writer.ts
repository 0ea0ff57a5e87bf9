import { setTimeout as pause } from "node:timers/promises";

import pino from "pino";

/** Where log lines go. */
export interface LineWriter {
  /** Takes a line with its end. Never throws, never waits. */
  write(line: string): void;
  /** Lines given up because they were not read fast enough. */
  readonly dropped: number;
  /** Resolves when everything is written, or when nobody reads it. */
  close(): Promise<void>;
}

/** Bytes that may wait for a slow reader. */
const mostWaiting = 16 * 1024 * 1024;
/** Milliseconds that closing waits for a reader. */
const closePatience = 2_000;

/** Milliseconds that a line waits for others: writing each by itself costs more than all the rest of telemetry. */
const patience = 10;
/** Lines that are enough to write at once. */
const most = 500;

/**
 * Writes to a file descriptor in the background, many lines at a time (bench/telemetry.ts).
 * What is still waiting when the process exits is written then.
 */
export function lineWriter(descriptor: number): LineWriter {
  // With a least length of 0, flush() would not wait for what is being written.
  const destination = pino.destination({ dest: descriptor, sync: false, minLength: 1, maxLength: mostWaiting });
  let lines: string[] = [];
  let dropped = 0;
  const hand = (): void => {
    const text = lines.join("");
    lines = [];
    if (text !== "") destination.write(text);
  };
  const onDrop = (text: string): void => {
    dropped += text.split("\n").length - 1;
  };
  destination.on("drop", onDrop);
  // A full disk costs lines; as an unhandled error event it would cost the process.
  destination.on("error", () => {});
  // Before the destination's own listener, which writes what it has.
  process.prependListener("exit", hand);

  return {
    get dropped() {
      return dropped;
    },
    write(line) {
      const count = lines.push(line);
      if (count === 1) setTimeout(hand, patience);
      else if (count === most) hand();
    },
    async close() {
      hand();
      process.removeListener("exit", hand);
      const flushed = new Promise<void>((resolve) => destination.flush(() => resolve()));
      await Promise.race([flushed, pause(closePatience, undefined, { ref: false })]);
    },
  };
}
