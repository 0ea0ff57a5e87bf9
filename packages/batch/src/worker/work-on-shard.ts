import { isDheeraError } from "@dheera-ai/core";

import { addInputShards, checkInput, failCheck } from "../batches/check-input.ts";
import { finishBatch, hasEnded } from "../batches/finish-batch.ts";
import type { Context } from "../context.ts";
import type { Claim, KeptLine, ShardResult } from "../contract.ts";
import { readLines } from "../files/packed-part.ts";
import type { HeldBatches } from "./held-batches.ts";
import { Caution, workerLost } from "./lines/caution.ts";
import { HeldShard } from "./lines/held-shard.ts";
import { writeResults } from "./lines/write-results.ts";
import { persist } from "./persist.ts";
import { type Trouble, troubleOf } from "./trouble.ts";
import type { WatchedBatch } from "./watched-batch.ts";
import type { WorkOptions } from "./work-options.ts";

/** Of a file that is checked beside others: its table takes 2 MB. */
const smallLines = 100_000;

export interface ShardWorkOptions {
  readonly context: Context;
  readonly options: WorkOptions;
  readonly batches: HeldBatches;
  /** Called when lines may be asked. */
  readonly ready: () => void;
  /** Does something while no line is asked in this process. */
  readonly alone: <T>(signal: AbortSignal, act: () => Promise<T>) => Promise<T>;
  /** No more is begun. */
  readonly closing: AbortSignal;
  /** What runs is ended. */
  readonly ending: AbortSignal;
}

/** What a worker does with a shard from the claim to its end. */
export class ShardWork {
  readonly #options: ShardWorkOptions;
  readonly #trouble: Trouble;
  #checking: Promise<void> = Promise.resolve();

  constructor(options: ShardWorkOptions) {
    this.#options = options;
    this.#trouble = troubleOf(options.options);
  }

  /** @param arrived called when its lines can be asked */
  async run(claim: Claim, arrived: () => void): Promise<void> {
    const { batches } = this.#options;
    const batch = await batches.enter(claim.batchId);
    try {
      // Removed by hand: there is nobody who would read the answers.
      // Or it has ended, and somebody who was frozen has added its shards again.
      if (!batch || hasEnded(batch.record)) await claim.finish({ completed: 0, failed: 0 });
      else if (claim.shard === 0) await this.#check(claim, batch);
      else await this.#rank(claim, batch, arrived);
    } finally {
      if (batch) batches.leave(batch);
    }
  }

  /**
   * Large files are checked one at a time in this process, because each needs memory by its lines; small ones do not wait for them. What
   * has had deaths is checked beside nothing else that may have been their reason.
   */
  async #check(claim: Claim, batch: WatchedBatch): Promise<void> {
    const { context, closing } = this.#options;
    const signal = AbortSignal.any([claim.lost, closing, batch.stopped]);
    const caution = Caution.of(claim);
    const check = async (): Promise<void> => {
      signal.throwIfAborted();
      await this.#doWhole(batch, signal, caution, () => checkInput(context, batch.record, signal));
    };
    try {
      if (caution) await this.#persist(batch, signal, () => caution.begin());
      const file = await context.queue.findFile(batch.record.inputFileId);
      if (caution?.isAllGuilty) await failCheck(context, batch.id);
      else if (caution || (file && file.lines > smallLines)) {
        const checked = this.#checking.then(check);
        this.#checking = checked.catch(() => undefined);
        await checked;
      } else await check();
    } catch (error) {
      if (!batch.stopped.aborted) throw error;
      await this.#persist(batch, claim.lost, () => addInputShards(context, batch.id));
    }
    await this.#finish(claim, batch, signal, { completed: 0, failed: 0 });
  }

  async #rank(claim: Claim, batch: WatchedBatch, arrived: () => void): Promise<void> {
    const { context, ready, closing, ending, options } = this.#options;
    const signal = AbortSignal.any([claim.lost, ending]);
    const caution = Caution.of(claim);
    if (caution) {
      const { isAllGuilty, guilty } = caution;
      await this.#persist(batch, signal, () => caution.begin());
      await this.#persist(batch, signal, () => batch.noteDeadly(claim.shard, isAllGuilty ? "all" : guilty));
    }
    const kept = await this.#doWhole(batch, signal, caution, () => claim.kept());
    const texts = caution?.isAllGuilty ? undefined : await this.#read(claim, batch, signal, caution);
    const keep = async (lines: readonly KeptLine[]): Promise<void> =>
      await this.#persist(batch, signal, () => claim.keep(lines));
    const { patience } = options;
    const shard = new HeldShard({
      claim,
      batch,
      texts: texts ?? [],
      kept,
      caution,
      patience,
      signal,
      keep,
      wereKept: ready,
    });
    if (!texts) shard.giveUp(caution?.isAllGuilty ? workerLost : inputLost);
    batch.add(shard);
    arrived();
    // It was taken while this worker began to end.
    if (closing.aborted) shard.letGo();
    try {
      ready();
      const end = await shard.settled;
      if (end === "let go") {
        await shard.keeper.flush();
        await claim.release();
        return;
      }
      const [result] = await Promise.all([
        this.#doWhole(batch, signal, caution, () => writeResults(context, claim, shard.inOrder())),
        shard.keeper.flush(),
      ]);
      batch.remove(shard);
      await this.#finish(claim, batch, signal, result);
    } finally {
      shard.close();
      batch.remove(shard);
    }
  }

  /** Undefined where they are gone or damaged for good. */
  async #read(
    claim: Claim,
    batch: WatchedBatch,
    signal: AbortSignal,
    caution: Caution | undefined,
  ): Promise<readonly string[] | undefined> {
    try {
      return await this.#doWhole(batch, signal, caution, () => readLines(this.#options.context, claim.part));
    } catch (error) {
      if (signal.aborted || !isDheeraError(error)) throw error;
      this.#trouble(`A part of the input of ${batch.id} cannot be read`, error);
      return undefined;
    }
  }

  async #finish(claim: Claim, batch: WatchedBatch, signal: AbortSignal, result: ShardResult): Promise<void> {
    await this.#persist(batch, signal, () => claim.finish(result));
    // Where it is the last one; else whoever keeps house does it.
    await finishBatch(this.#options.context, batch.id).catch((error: unknown) =>
      this.#trouble(`The files of ${batch.id} cannot be made yet`, error),
    );
  }

  /** With what may kill this process by itself. */
  #doWhole<T>(
    batch: WatchedBatch,
    signal: AbortSignal,
    caution: Caution | undefined,
    act: () => Promise<T>,
  ): Promise<T> {
    // Each try by itself: what waits for a disk that is full keeps nobody else waiting.
    const { alone } = this.#options;
    return this.#persist(batch, signal, caution ? () => alone(signal, () => caution.doWhole(act)) : act);
  }

  #persist<T>(batch: WatchedBatch, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    return persist(batch, signal, this.#options.options.onTrouble, act);
  }
}

const inputLost = { code: "input_lost", message: "This line could not be read: its file is gone." };
