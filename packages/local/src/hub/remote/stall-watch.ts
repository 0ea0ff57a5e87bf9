import type { Patience } from "./retry.ts";

/** Gives a connection up that brings too little. */
export interface StallWatch {
  /** Aborted with the stop of the whole, and with a `TimeoutError` when the connection stalls. */
  readonly signal: AbortSignal;
  saw(bytes: number): void;
  stop(): void;
}

/** Watches from now on: a server that sends a byte from time to time must not hold anybody for ever. */
export function watchForStalls({ stallMs, leastBytes }: Patience, stop: AbortSignal): StallWatch {
  const stalled = new AbortController();
  let brought = 0;
  const timer = setInterval(() => {
    if (brought < leastBytes) stalled.abort(new DOMException("the connection stalls", "TimeoutError"));
    brought = 0;
  }, stallMs);
  return {
    signal: AbortSignal.any([stop, stalled.signal]),
    saw: (bytes) => void (brought += bytes),
    stop: () => clearInterval(timer),
  };
}
