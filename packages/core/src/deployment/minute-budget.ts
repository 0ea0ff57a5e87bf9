import { DheeraError } from "../errors.ts";

/** Calls that a deployment may get in one minute of the clock: its `rpm`. */
export class MinuteBudget {
  readonly #most: number;
  #minute = 0;
  #used = 0;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  isOpen(now: number = Date.now()): boolean {
    return this.#most === Infinity || minuteOf(now) !== this.#minute || this.#used < this.#most;
  }

  use(now: number): void {
    if (this.#most === Infinity) return;
    const minute = minuteOf(now);
    this.#used = minute === this.#minute ? this.#used + 1 : 1;
    this.#minute = minute;
  }
}

/** Every deployment has used its calls of this minute. Another model may still serve. */
export function noBudget(now: number = Date.now()): DheeraError {
  const retryAfter = 60 - (Math.floor(now / 1000) % 60);
  return new DheeraError("rate_limited", "every deployment of this model has used its calls of this minute", {
    retryAfter,
    retryable: true,
  });
}

function minuteOf(milliseconds: number): number {
  return Math.floor(milliseconds / 60_000);
}
