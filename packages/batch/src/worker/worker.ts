import { DheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";
import { HeldBatches } from "./held-batches.ts";
import { Asker } from "./lines/asker.ts";
import { Taker } from "./taker.ts";
import { troubleOf } from "./trouble.ts";
import type { WorkOptions } from "./work-options.ts";
import { ShardWork } from "./work-on-shard.ts";

const graceMs = 5_000;

/** Takes shards so that there are always lines to ask, asks `concurrency` of them at one time, batches in turns, and finishes each shard. */
export class Worker {
  /** No more is taken, and nothing more is asked. */
  readonly #closing = new AbortController();
  /** What runs is ended. */
  readonly #ending = new AbortController();
  readonly #batches: HeldBatches;
  readonly #asker: Asker;
  readonly #taker: Taker;
  readonly #watching: Promise<void>;

  constructor(context: Context, options: WorkOptions) {
    const concurrency = Math.max(1, options.concurrency ?? 32);
    const trouble = troubleOf(options);
    const ready = (): void => this.#ready();
    const batches = new HeldBatches(context, trouble, ready);
    const { signal } = this.#closing;
    const work = new ShardWork({
      context,
      options,
      batches,
      ready,
      alone: (until, act) => this.#asker.alone(until, act),
      closing: signal,
      ending: this.#ending.signal,
    });
    this.#batches = batches;
    this.#asker = new Asker({
      context,
      options,
      batches,
      concurrency,
      signal,
      lineEnded: () => this.#taker.lookAgain(),
    });
    this.#taker = new Taker({
      queue: context.queue,
      batches,
      concurrency,
      trouble,
      work: (claim, arrived) => work.run(claim, arrived),
      signal,
    });
    this.#watching = batches.watch(signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new DheeraError("cancelled", "This worker ends."));
    this.#ready();
    await this.#asker.drained(graceMs);
    this.#ending.abort(this.#closing.signal.reason);
    for (const batch of this.#batches) for (const shard of batch.shards) shard.letGo();
    await this.#taker.ended();
    await this.#watching;
  }

  #ready(): void {
    this.#asker.pump();
    this.#taker.lookAgain();
  }
}
