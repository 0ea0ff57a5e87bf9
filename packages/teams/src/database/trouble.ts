import { DheeraError } from "@dheera-ai/core";

export interface Trouble {
  /** For operators: it may name hosts and files, but no password. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Whether it may pass by itself, unlike a wrong password or a folder that is not there. */
  readonly mayPass: boolean;
}

/** Whether the database can be used: what its last statement says. */
export class TroubleWatch {
  #trouble: Trouble | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;

  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** When it last answered, by `performance.now`. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  answered(): void {
    this.#answeredAt = performance.now();
    this.#trouble = undefined;
  }

  /** @returns the error that callers get: it says nothing of hosts */
  failed(reason: string, cause: unknown, mayPass: boolean): DheeraError {
    this.#trouble = { reason, mayPass, since: this.#trouble?.since ?? Date.now() };
    return new DheeraError("unavailable", "the database of keys and budgets cannot be used now; try again in a while", {
      cause,
      retryAfter: 1,
    });
  }
}
