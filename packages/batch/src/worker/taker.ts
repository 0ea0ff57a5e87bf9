import { sleep } from "@dheera-ai/core/provider-utils";

import type { Claim, Queue } from "../contract.ts";
import type { HeldBatches } from "./held-batches.ts";
import type { Trouble } from "./trouble.ts";

/** Shards that have lines to ask; and all, those of paused batches included. */
const mostShards = 16;
const mostClaims = 64;
/** Milliseconds between two looks for batches of which nothing is held, and for which those rest that were given back. */
const othersMs = 500;
const restMs = 15_000;
const shortestWait = 100;
const longestWait = 10_000;

export interface TakerOptions {
  readonly queue: Queue;
  readonly batches: HeldBatches;
  /** Lines at one time. */
  readonly concurrency: number;
  readonly trouble: Trouble;
  /** Works on a shard to its end; says when its lines can be asked. Rejects with what nobody foresaw. */
  readonly work: (claim: Claim, arrived: () => void) => Promise<void>;
  /** No more is taken. */
  readonly signal: AbortSignal;
}

/** Takes shards so that there are always lines to ask, and none that others could ask sooner. */
export class Taker {
  readonly #options: TakerOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #taking: Promise<unknown>;
  /** Paused batches that were given back to make room, and until when they are left to others, by `performance.now()`. */
  readonly #resting = new Map<string, number>();
  /** Lines of shards that are being read. */
  #arriving = 0;
  #wake: (() => void) | undefined;

  constructor(options: TakerOptions) {
    this.#options = options;
    this.#taking = Promise.all([this.#takeShards(), this.#takeOthers()]);
  }

  /** More may be wanted now. */
  lookAgain(): void {
    if (!this.#wantsMore()) return;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Everything that was taken has ended or was given back. */
  async ended(): Promise<void> {
    await this.#taking;
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #takeShards(): Promise<void> {
    const { signal, queue, trouble } = this.#options;
    let wait = shortestWait;
    while (!signal.aborted) {
      if (!this.#wantsMore()) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      try {
        const asked = performance.now();
        const claim = await queue.take(signal, this.#paused());
        wait = shortestWait;
        if (claim) this.#run(claim);
        // A queue that has nothing says so at its own pace, and never in a loop that only asks.
        else if (performance.now() - asked < shortestWait) await pause(shortestWait, signal);
      } catch (error) {
        if (signal.aborted) return;
        trouble("The queue of batches gives no work; it is asked again", error);
        await pause(wait, signal);
        wait = Math.min(2 * wait, longestWait);
      }
    }
  }

  /** A batch of which nothing is held gets a shard here, however much others have to ask: lines take turns by batch. */
  async #takeOthers(): Promise<void> {
    const { signal, queue, batches } = this.#options;
    for (;;) {
      await pause(othersMs, signal);
      if (signal.aborted) return;
      this.#makeRoom();
      if (batches.size === 0 || this.#running.size >= mostClaims || batches.shards >= mostShards) continue;
      const held = new Set([...[...batches].map(({ id }) => id), ...this.#paused()]);
      // The other loop says what is wrong with the queue.
      const claim = await queue.take(signal, held).catch(() => undefined);
      if (claim) this.#run(claim);
    }
  }

  /** Paused batches are given back where they are all that can be held: nobody else's must wait for what they wait for. */
  #makeRoom(): void {
    const now = performance.now();
    for (const [id, until] of this.#resting) if (until <= now) this.#resting.delete(id);
    if (this.#running.size < mostClaims) return;
    for (const batch of this.#options.batches)
      if (batch.isResting) {
        this.#resting.set(batch.id, now + restMs);
        for (const shard of batch.shards) shard.letGo();
      }
  }

  #wantsMore(): boolean {
    const { signal, batches, concurrency } = this.#options;
    if (signal.aborted) return true;
    const ready = this.#arriving + batches.ready;
    return ready < concurrency && batches.shards < mostShards && this.#running.size < mostClaims;
  }

  #paused(): ReadonlySet<string> {
    return new Set([...this.#options.batches.paused, ...this.#resting.keys()]);
  }

  #run(claim: Claim): void {
    const { lines } = claim.part;
    let isArriving = true;
    this.#arriving += lines;
    const arrived = (): void => {
      if (isArriving) this.#arriving -= lines;
      isArriving = false;
    };
    const running = this.#work(claim, arrived).finally(() => {
      arrived();
      this.#running.delete(running);
      this.lookAgain();
    });
    this.#running.add(running);
  }

  async #work(claim: Claim, arrived: () => void): Promise<void> {
    const { signal, work, trouble } = this.#options;
    try {
      await work(claim, arrived);
    } catch (error) {
      if (claim.lost.aborted) return;
      await claim.release().catch(() => undefined);
      if (signal.aborted) return;
      // Not at once again: whatever it is needs time.
      trouble("A shard of a batch could not be worked on; it is tried again", error);
      await pause(longestWait / 10, signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, signal).catch(() => undefined);
}
