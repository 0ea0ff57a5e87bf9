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
  /** Waits for nothing to be asked. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#lines = new LineAsker({ ...options, ready: () => this.pump() });
  }

  pump(): void {
    const { concurrency, signal } = this.#options;
    if (this.#isAlone) return;
    const beginAlone = this.#nextAlone();
    if (beginAlone && this.#isTurnOfCautious && (this.#inFlight > 0 || beginAlone())) return;
    while (this.#inFlight < concurrency && !signal.aborted) {
      const next = this.#nextLine();
      if (!next) break;
      void this.#ask(...next).finally(() => this.pump());
    }
    this.#isTurnOfCautious = true;
    if (beginAlone && this.#inFlight === 0) beginAlone();
  }

  /** Does what may kill this process while no line is asked, so that a death is its own. @throws the signal's reason */
  async alone<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    await this.#turnAlone(signal);
    try {
      signal.throwIfAborted();
      return await act();
    } finally {
      this.#endAlone();
    }
  }

  #turnAlone(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason);
        this.pump();
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(begin);
      this.pump();
    });
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

  /** What is to be alone next. It returns false where there was nothing to begin. */
  #nextAlone(): (() => boolean) | undefined {
    if (this.#waiting.length > 0)
      return () => {
        const begin = this.#waiting.shift();
        if (begin) this.#startAlone();
        begin?.();
        return begin !== undefined;
      };
    const cautious = this.#options.signal.aborted ? undefined : this.#nextCautious();
    return cautious && (() => this.#askGroup(...cautious));
  }

  #nextCautious(): [WatchedBatch, HeldShard] | undefined {
    for (const batch of this.#options.batches) {
      if (!batch.mayStart()) continue;
      for (const shard of batch.shards) if (shard.caution && shard.ready > 0) return [batch, shard];
    }
    return undefined;
  }

  /** @returns false where there was none */
  #askGroup(batch: WatchedBatch, shard: HeldShard): boolean {
    const { concurrency, batches } = this.#options;
    const lines = shard.takeGroup(batch.isPaused ? 1 : concurrency);
    if (lines.length === 0) return false;
    this.#startAlone();
    batches.moveBack(batch);
    void this.#askAlone(batch, shard, lines);
    return true;
  }

  async #askAlone(batch: WatchedBatch, shard: HeldShard, lines: readonly number[]): Promise<void> {
    const note = (act: () => Promise<void> | undefined): Promise<void> =>
      persist(batch, shard.signal, this.#options.options.onTrouble, async () => await act());
    try {
      // What is known of the last ones, before the note forgets them.
      await shard.keeper.flush();
      await note(() => shard.caution?.noteLines(lines));
      await Promise.all(lines.map((line) => this.#ask(batch, shard, line)));
      if (!shard.signal.aborted) await note(() => shard.caution?.noteWaiting());
    } catch (error) {
      for (const line of lines) shard.again(line);
      shard.fail(error);
    } finally {
      this.#endAlone();
    }
  }

  #startAlone(): void {
    this.#isTurnOfCautious = false;
    this.#isAlone = true;
    // Whoever waits until nothing is asked waits for it.
    this.#inFlight++;
  }

  #endAlone(): void {
    this.#isAlone = false;
    this.#end();
    this.pump();
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
