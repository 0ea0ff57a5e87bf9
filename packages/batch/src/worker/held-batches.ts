import { sleep } from "@dheera-ai/core/provider-utils";

import type { Context } from "../context.ts";
import type { Trouble } from "./trouble.ts";
import { WatchedBatch } from "./watched-batch.ts";

const watchMs = 1_000;

/** Batches of which this worker holds something; the one whose turn is next is first. */
export class HeldBatches implements Iterable<WatchedBatch> {
  readonly #context: Context;
  readonly #trouble: Trouble;
  /** Called when lines may be asked again. */
  readonly #ready: () => void;
  readonly #batches = new Map<string, WatchedBatch>();

  constructor(context: Context, trouble: Trouble, ready: () => void) {
    this.#context = context;
    this.#trouble = trouble;
    this.#ready = ready;
  }

  [Symbol.iterator](): IterableIterator<WatchedBatch> {
    return this.#batches.values();
  }

  get size(): number {
    return this.#batches.size;
  }

  /** Of those whose lines may not be asked. */
  get paused(): readonly string[] {
    return [...this].filter((batch) => batch.isPaused).map((batch) => batch.id);
  }

  /** Of batches that are not paused. */
  get shards(): number {
    let shards = 0;
    for (const batch of this) if (!batch.isPaused) shards += batch.shards.size;
    return shards;
  }

  /** About how many lines can be asked. */
  get ready(): number {
    let ready = 0;
    for (const batch of this) if (!batch.isPaused) for (const shard of batch.shards) ready += shard.ready;
    return ready;
  }

  /** To the end: another one has the next turn. */
  moveBack(batch: WatchedBatch): void {
    if (this.#batches.size < 2) return;
    this.#batches.delete(batch.id);
    this.#batches.set(batch.id, batch);
  }

  /** Until `leave`. Undefined where its record is gone. */
  async enter(id: string): Promise<WatchedBatch | undefined> {
    const known = this.#batches.get(id);
    if (known) {
      known.holders++;
      return known;
    }
    const record = await this.#context.queue.findBatch(id);
    if (!record) return undefined;
    // Two shards of it may have come at one time.
    const batch = this.#batches.get(id) ?? new WatchedBatch(this.#context, record, this.#ready);
    this.#batches.set(id, batch);
    batch.holders++;
    batch.follow();
    return batch;
  }

  leave(batch: WatchedBatch): void {
    if (--batch.holders > 0) return;
    this.#batches.delete(batch.id);
    batch.close();
  }

  /** Each second: whether batches were cancelled, whether their time has passed, why they are paused. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(watchMs, signal).catch(() => undefined);
      for (const batch of this) {
        if (signal.aborted) return;
        await batch.refresh().catch((error: unknown) => this.#trouble(`The state of ${batch.id} is not known`, error));
      }
      this.#ready();
    }
  }
}
