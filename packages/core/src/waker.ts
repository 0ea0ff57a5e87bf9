import type { Scorer } from "./contract.ts";
import { isDheeraError } from "./errors.ts";
import { pause } from "./pause.ts";

const longestWake = 600_000;
/** Seconds between polls of a server that does not say when it will be ready. */
const defaultPoll = 2;
const longestPoll = 15;

/** Wakes a server that is loading or scaled to zero: once, however many requests wait for it, and until it serves even when they give up. */
export class Waker {
  readonly #scorer: Scorer;
  #waking: Promise<void> | undefined;

  constructor(scorer: Scorer) {
    this.#scorer = scorer;
  }

  get isWaking(): boolean {
    return this.#waking !== undefined;
  }

  /**
   * @param estimate Seconds until it is worth asking again.
   * @returns when the server serves. Rejects when it fails in another way than by still starting, or after ten minutes.
   */
  wake(estimate: number | undefined): Promise<void> {
    this.#waking ??= this.#run(estimate).finally(() => {
      this.#waking = undefined;
    });
    // Nobody may be waiting for it any more.
    this.#waking.catch(() => {});
    return this.#waking;
  }

  async #run(estimate: number | undefined): Promise<void> {
    const signal = AbortSignal.timeout(longestWake);
    if (this.#scorer.wake) return this.#scorer.wake(signal);
    let seconds = estimate ?? defaultPoll;
    for (;;) {
      await pause(Math.min(seconds, longestPoll) * 1000, signal, "background");
      try {
        await this.#scorer.score({ query: "ready?", documents: ["ready"], params: {}, signal });
        return;
      } catch (error) {
        if (!isDheeraError(error) || error.code !== "provider_starting") throw error;
        seconds = error.retryAfter ?? defaultPoll;
      }
    }
  }
}
