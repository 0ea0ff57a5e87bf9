import type { DheeraError } from "@dheera-ai/core";
import { sleep } from "@dheera-ai/core/provider-utils";

/** How long the Hub is waited for. Tests have less of it. */
export interface Patience {
  /** Milliseconds in which a connection has to bring `leastBytes`; one that does not is given up. */
  readonly stallMs: number;
  readonly leastBytes: number;
  /** Attempts that bring nothing, one after the other, before the work is given up. */
  readonly tries: number;
  /** Milliseconds before an attempt, the second being number 1. */
  waitMs(attempt: number): number;
}

export const usualPatience: Patience = {
  stallMs: 30_000,
  leastBytes: 1_000,
  tries: 5,
  waitMs: (attempt) => Math.min(1_000 * 2 ** (attempt - 1), 8_000),
};

/** A `Retry-After` beyond this is for a person to wait for. */
const longestWaitMs = 60_000;

/** A failure that may pass: the connection, an overloaded server. */
export class PassingFailure extends Error {
  override readonly name = "PassingFailure";
  /** What it is if it does not pass. */
  readonly failure: DheeraError;
  /** Whether the attempt brought enough that it does not count. */
  readonly broughtSome: boolean;

  constructor(failure: DheeraError, broughtSome: boolean = false) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.broughtSome = broughtSome;
  }
}

/**
 * Tries again after a `PassingFailure`, when the server says or after a growing wait.
 * @throws DheeraError of the last attempt; the reason of the signal when it aborts
 */
export async function trying<T>(work: () => Promise<T>, patience: Patience, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (error.broughtSome) attempt = 1;
      const { retryAfter } = error.failure;
      const waitMs = retryAfter === undefined ? patience.waitMs(attempt) : retryAfter * 1_000;
      if (attempt >= patience.tries || waitMs > longestWaitMs) throw error.failure;
      await sleep(waitMs, signal);
    }
  }
}
