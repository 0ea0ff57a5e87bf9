import { sleep } from "@dheera-ai/core/provider-utils";

import type { Context } from "../../context.ts";
import type { HeldBatches } from "../held-batches.ts";
import { persist } from "../persist.ts";
import type { WatchedBatch } from "../watched-batch.ts";
import type { WorkOptions } from "../work-options.ts";
import { LineAsker } from "./ask-line.ts";
import type { HeldShard } from "./held-shard.ts";

export interface AskerOptions {
  readonly context: Context;
  readonly options: WorkOptions;
  readonly batches: HeldBatches;
  /** Lines at one time. */
  readonly concurrency: number;
  /** Nothing more is asked. */
  readonly signal: AbortSignal;
  /** Called after each line. */
  readonly lineEnded: () => void;
}

/** Asks as many lines as may be asked, batches in turns; those of shards whose workers have died while nothing else is asked. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #lines: LineAsker;
  #inFlight = 0;
  /** Lines are asked alone. */
  #isAlone = false;
  /** Lines that are to be asked alone come next, when all others have ended; then the others again. */
  #isTurnOfCautious = true;
  #drained: (() => void) | undefined;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#lines = new LineAsker({ ...options, ready: () => this.pump() });
  }

  pump(): void {
    const { concurrency, signal } = this.#options;
    if (this.#isAlone || signal.aborted) return;
    const cautious = this.#nextCautious();
    if (cautious && this.#isTurnOfCautious && (this.#inFlight > 0 || this.#beginAlone(...cautious))) return;
    while (this.#inFlight < concurrency) {
      const next = this.#nextLine();
      if (!next) break;
      void this.#ask(...next).finally(() => this.pump());
    }
    this.#isTurnOfCautious = true;
    if (cautious && this.#inFlight === 0) this.#beginAlone(...cautious);
  }

  /** Waits until no line is being asked, so long at most. */
  async drained(milliseconds: number): Promise<void> {
    if (this.#inFlight === 0) return;
    const grace = new AbortController();
    const drained = new Promise<void>((resolve) => (this.#drained = resolve));
    await Promise.race([drained, sleep(milliseconds, grace.signal).catch(() => undefined)]);
    grace.abort();
  }

  #nextLine(): [WatchedBatch, HeldShard, number] | undefined {
    for (const batch of this.#options.batches) {
      if (!batch.mayStart()) continue;
      for (const shard of batch.shards) {
        const line = shard.caution ? undefined : shard.takeLine();
        if (line === undefined) continue;
        this.#options.batches.moveBack(batch);
        return [batch, shard, line];
      }
    }
    return undefined;
  }

  #nextCautious(): [WatchedBatch, HeldShard] | undefined {
    for (const batch of this.#options.batches) {
      if (!batch.mayStart()) continue;
      for (const shard of batch.shards) if (shard.caution && shard.ready > 0) return [batch, shard];
    }
    return undefined;
  }

  /** @returns false where there was none */
  #beginAlone(batch: WatchedBatch, shard: HeldShard): boolean {
    const { concurrency, batches } = this.#options;
    const lines = shard.takeGroup(batch.isPaused ? 1 : concurrency);
    if (lines.length === 0) return false;
    this.#isTurnOfCautious = false;
    this.#isAlone = true;
    batches.moveBack(batch);
    void this.#askAlone(batch, shard, lines);
    return true;
  }

  async #askAlone(batch: WatchedBatch, shard: HeldShard, lines: readonly number[]): Promise<void> {
    // Until they are noted too: whoever waits until nothing is asked waits for them.
    this.#inFlight++;
    try {
      await persist(batch, shard.signal, this.#options.options.onTrouble, async () => await shard.caution?.note(lines));
      await Promise.all(lines.map((line) => this.#ask(batch, shard, line)));
    } catch (error) {
      for (const line of lines) shard.again(line);
      shard.fail(error);
    } finally {
      this.#isAlone = false;
      this.#end();
      this.pump();
    }
  }

  async #ask(batch: WatchedBatch, shard: HeldShard, line: number): Promise<void> {
    this.#inFlight++;
    try {
      await this.#lines.ask(batch, shard, line);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#drained?.();
    this.#options.lineEnded();
  }
}
