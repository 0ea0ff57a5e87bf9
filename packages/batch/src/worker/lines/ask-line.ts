import { answeredLine, failedLine, type LineAnswer } from "../../batches/result-line.ts";
import { type InputLine, isBroken, readLine } from "../../batches/read-line.ts";
import type { Context } from "../../context.ts";
import type { Claim, KeptLine } from "../../contract.ts";
import { type Trouble, troubleOf } from "../trouble.ts";
import type { WatchedBatch } from "../watched-batch.ts";
import type { WorkOptions } from "../work-options.ts";
import type { HeldShard } from "./held-shard.ts";
import { areOthersServed } from "./witness.ts";

/** Statuses after which the same line is asked again, later: too many requests are nobody's fault, the others may be the line's. */
const tooMany = 429;
const refused: ReadonlySet<number> = new Set([408, 503, 504]);

export interface LineAskerOptions {
  readonly context: Context;
  readonly options: WorkOptions;
  /** Called when a line may be asked again. */
  readonly ready: () => void;
}

/** Asks a line once, and sees to what is to be done by its answer. */
export class LineAsker {
  readonly #options: LineAskerOptions;
  readonly #trouble: Trouble;

  constructor(options: LineAskerOptions) {
    this.#options = options;
    this.#trouble = troubleOf(options.options);
  }

  async ask(batch: WatchedBatch, shard: HeldShard, number: number): Promise<void> {
    const line = readLine(shard.texts[number] ?? "", batch.record.endpoint);
    if (isBroken(line)) {
      shard.linesBefore ??= await this.#linesBefore(batch, shard.claim);
      const place = shard.linesBefore + number + 1;
      this.#end(shard, failedLine(number, line.customId, { ...line.problem, line: place }));
      return;
    }
    batch.begin();
    shard.tries.asked(number, batch.servedOf(line.model));
    try {
      const answer = await this.#options.options.rankLine(batch.lineOf(shard.signal, line.body));
      if (shard.signal.aborted && answer.status >= 400) return;
      await this.#answered(batch, shard, number, line, answer);
    } catch (error) {
      if (shard.signal.aborted) return;
      this.#trouble(`A line of ${batch.id} failed in a way that nobody foresaw`, error);
      this.#end(
        shard,
        failedLine(number, line.customId, { code: "internal", message: "The request failed inside the proxy." }),
      );
    } finally {
      batch.end();
    }
  }

  async #answered(
    batch: WatchedBatch,
    shard: HeldShard,
    number: number,
    line: InputLine,
    answer: LineAnswer,
  ): Promise<void> {
    const { retryLater, isRefusal, retryAfter = 0, status } = answer;
    const isLater = retryLater !== undefined || refused.has(status) || status === tooMany;
    if (!isLater) {
      batch.served(line.model);
      return this.#end(shard, answeredLine(number, line.customId, answer));
    }
    // Nobody is served now, whichever line is asked: no fault of this one, which waits for its turn when the batch goes on.
    if (retryLater !== undefined && !isRefusal) {
      shard.again(number);
      return batch.pause(retryLater, retryAfter);
    }
    const mayBeItsFault =
      status !== tooMany && (await areOthersServed(batch, shard, number, line, this.#options.options));
    const wait = shard.tries.refused(number, batch.servedOf(line.model), mayBeItsFault);
    if (wait === undefined) return this.#end(shard, answeredLine(number, line.customId, answer));
    // The others are served, and go on.
    if (!mayBeItsFault) {
      if (retryLater === undefined) batch.refused(status);
      else batch.pause(retryLater, retryAfter);
    }
    shard.againAfter(number, Math.max(wait, retryAfter * 1_000), this.#options.ready);
  }

  #end(shard: HeldShard, line: KeptLine): void {
    shard.end(line);
    this.#options.options.onLine?.(line.isError ? "failed" : "completed");
  }

  /** Of the input: asked for only where a line is broken. */
  async #linesBefore(batch: WatchedBatch, claim: Claim): Promise<number> {
    let before = 0;
    let shard = 1;
    try {
      for await (const part of this.#options.context.queue.partsOf(batch.record.inputFileId)) {
        if (shard++ === claim.shard) break;
        before += part.lines;
      }
    } catch (error) {
      this.#trouble(`The place of a broken line of ${batch.id} is not known`, error);
    }
    return before;
  }
}
