import { customIdOf } from "../../batches/read-line.ts";
import { type LineFailure, failedLine } from "../../batches/result-line.ts";
import type { Claim, KeptLine } from "../../contract.ts";
import type { LinePatience } from "../work-options.ts";
import { Caution, workerLost } from "./caution.ts";
import { Keeper } from "./keeper.ts";
import { LineOrder } from "./line-order.ts";
import { LineTries } from "./line-tries.ts";

/** The batch of a shard, which may be given up. */
export interface Stopping {
  /** Aborts when what has not ended is given up. */
  readonly stopped: AbortSignal;
  readonly givenUp: LineFailure | undefined;
}

/** Why nothing more is asked of a shard. */
export type ShardEnd = "all lines ended" | "let go";

export interface HeldShardOptions {
  readonly claim: Claim;
  readonly batch: Stopping;
  readonly texts: readonly string[];
  readonly kept: readonly KeptLine[];
  readonly caution: Caution | undefined;
  readonly patience: Partial<LinePatience> | undefined;
  readonly signal: AbortSignal;
  readonly keep: (lines: readonly KeptLine[]) => Promise<void>;
  /** Called when lines were kept. */
  readonly wereKept: () => void;
}

/** A shard whose lines are being asked. */
export class HeldShard {
  readonly claim: Claim;
  readonly texts: readonly string[];
  /** For its lines: the claim was lost, the batch stopped, or this worker ends. */
  readonly signal: AbortSignal;
  readonly keeper: Keeper;
  readonly tries: LineTries;
  /** Present where its lines are to be asked alone. */
  readonly caution: Caution | undefined;
  /** Lines of the input before its own, once somebody asked. */
  linesBefore: number | undefined;
  readonly #batch: Stopping;
  readonly settled: Promise<ShardEnd>;
  readonly #settle: (end: ShardEnd) => void;
  readonly #fail: (error: unknown) => void;
  readonly #ended = new Map<number, KeptLine>();
  /** US dollars for what else was asked because of lines that have not ended. */
  readonly #spent = new Map<number, number>();
  readonly #order: LineOrder;
  #isClosed = false;

  constructor({ claim, batch, texts, kept, caution, patience, signal, keep, wereKept }: HeldShardOptions) {
    this.claim = claim;
    this.#batch = batch;
    this.texts = texts;
    this.caution = caution;
    this.tries = new LineTries(patience);
    this.#order = new LineOrder(texts.length, (line) => this.#ended.has(line));
    this.signal = AbortSignal.any([signal, batch.stopped]);
    ({ promise: this.settled, resolve: this.#settle, reject: this.#fail } = Promise.withResolvers<ShardEnd>());
    this.settled.catch(() => undefined);
    this.keeper = new Keeper(keep, wereKept, (error) => this.#fail(error));
    for (const line of kept) this.#ended.set(line.line, line);
    claim.lost.addEventListener("abort", this.#onLost, { once: true });
    batch.stopped.addEventListener("abort", this.#onStopped, { once: true });
    if (claim.lost.aborted) this.#onLost();
    else if (batch.stopped.aborted) this.#onStopped();
    else this.#settleWhenEnded();
    for (const line of caution?.guilty ?? []) this.end(failedLine(line, customIdOf(texts[line] ?? ""), workerLost));
  }

  /** About how many lines can be asked. */
  get ready(): number {
    return this.#isClosed ? 0 : this.#order.ready;
  }

  takeLine(): number | undefined {
    return this.#isClosed || this.keeper.isBehind ? undefined : this.#order.take();
  }

  /** Lines to be asked together and beside nothing else: each suspect by itself, then some at a time. */
  takeGroup(most: number): readonly number[] {
    for (;;) {
      const suspect = this.#isClosed ? undefined : this.caution?.nextSuspect();
      if (suspect === undefined) break;
      if (this.#ended.has(suspect)) continue;
      this.#order.takeEarly(suspect);
      return [suspect];
    }
    const lines: number[] = [];
    while (lines.length < most) {
      const line = this.takeLine();
      if (line === undefined) break;
      lines.push(line);
    }
    return lines;
  }

  /** Whether a line was never asked. */
  get hasFresh(): boolean {
    return !this.#isClosed && this.#order.hasFresh;
  }

  /** The shortest line that was answered, by number. */
  get shortestAnswered(): number | undefined {
    let shortest: number | undefined;
    const lengthOf = (line: number): number => this.texts[line]?.length ?? Infinity;
    for (const { line, isError } of this.#ended.values())
      if (!isError && (shortest === undefined || lengthOf(line) < lengthOf(shortest))) shortest = line;
    return shortest;
  }

  again(line: number): void {
    if (!this.#isClosed) this.#order.again(line);
  }

  againAfter(line: number, milliseconds: number, ready: () => void): void {
    if (!this.#isClosed) this.#order.againAfter(line, milliseconds, ready);
  }

  /** Something else was asked because of this line, which pays for it at its end. @param cost US dollars */
  spend(line: number, cost: number): void {
    this.#spent.set(line, cost + (this.#spent.get(line) ?? 0));
  }

  end(line: KeptLine): void {
    if (this.#isClosed || this.#ended.has(line.line)) return;
    const paid = this.#withSpent(line);
    this.#ended.set(line.line, paid);
    this.tries.ended(line.line);
    this.keeper.add(paid);
    this.#settleWhenEnded();
  }

  /** Every line that has not ended fails for this reason. */
  giveUp(failure: LineFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (let line = 0; line < this.claim.part.lines; line++) {
      if (this.#ended.has(line)) continue;
      this.#ended.set(line, this.#withSpent(failedLine(line, customIdOf(this.texts[line] ?? ""), failure)));
    }
    this.#settle("all lines ended");
  }

  /** Ends it for a reason that is not a line's. */
  fail(error: unknown): void {
    this.#isClosed = true;
    this.#fail(error);
  }

  letGo(): void {
    this.#isClosed = true;
    this.#settle("let go");
  }

  inOrder(): readonly KeptLine[] {
    return [...this.#ended.values()].sort((one, other) => one.line - other.line);
  }

  close(): void {
    this.#isClosed = true;
    this.#order.close();
    this.claim.lost.removeEventListener("abort", this.#onLost);
    this.#batch.stopped.removeEventListener("abort", this.#onStopped);
  }

  #withSpent(line: KeptLine): KeptLine {
    const spent = this.#spent.get(line.line);
    return spent === undefined ? line : { ...line, cost: spent + (line.cost ?? 0) };
  }

  readonly #onLost = (): void => {
    this.#isClosed = true;
    this.#fail(this.claim.lost.reason);
  };

  readonly #onStopped = (): void => {
    if (this.#batch.givenUp) this.giveUp(this.#batch.givenUp);
  };

  #settleWhenEnded(): void {
    if (this.#ended.size < this.claim.part.lines) return;
    this.#isClosed = true;
    this.#settle("all lines ended");
  }
}
