import type { Scorer } from "../contract.ts";

/** Wakes a server that is loading or scaled to zero: once, however many requests wait for it, and until it serves even when they give up. */
export class WarmUp {
  readonly #scorer: Scorer;
  #waking: Promise<void> | undefined;

  constructor(scorer: Scorer) {
    this.#scorer = scorer;
  }

  get isRunning(): boolean {
    return this.#waking !== undefined;
  }

  /**
   * @param estimate Seconds until it is worth asking again.
   * @returns when the server serves, or fails in a way that waiting cannot mend, or ten minutes have passed: then a call says what is wrong. Never rejects.
   */
  wake(estimate: number | undefined): Promise<void> {
    this.#waking ??= wake(this.#scorer, estimate).finally(() => {
      this.#waking = undefined;
    });
    return this.#waking;
  }
}

async function wake(scorer: Scorer, estimate: number | undefined): Promise<void> {
  const { waitUntilReady } = await import("./wait-until-ready.ts");
  return waitUntilReady(scorer, estimate);
}
