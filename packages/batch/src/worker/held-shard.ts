import { customIdOf } from "../batches/read-line.ts";
import { type LineFailure, failedLine } from "../batches/result-line.ts";
import type { Claim, KeptLine } from "../contract.ts";
import { Keeper } from "./keeper.ts";

/** The batch of a shard, which may be given up. */
export interface Stopping {
  /** Aborts when what has not ended is given up. */
  readonly stopped: AbortSignal;
  readonly givenUp: LineFailure | undefined;
}

/** Why nothing more is asked of a shard. */
export type ShardEnd = "all lines ended" | "let go";

/** A shard whose lines are being asked. */
export class HeldShard {
  readonly claim: Claim;
  readonly texts: readonly string[];
  /** For its lines: the claim was lost, the batch stopped, or this worker ends. */
  readonly signal: AbortSignal;
  readonly keeper: Keeper;
  /** Lines of the input before its own, once somebody asked. */
  linesBefore: number | undefined;
  readonly #batch: Stopping;
  readonly settled: Promise<ShardEnd>;
  readonly #settle: (end: ShardEnd) => void;
  readonly #fail: (error: unknown) => void;
  readonly #ended = new Map<number, KeptLine>();
  /** Lines that were asked and are asked again. */
  readonly #again: number[] = [];
  readonly #tries = new Map<number, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #next = 0;
  #isClosed = false;

  constructor(
    claim: Claim,
    batch: Stopping,
    texts: readonly string[],
    kept: readonly KeptLine[],
    signal: AbortSignal,
    keep: (lines: readonly KeptLine[]) => Promise<void>,
    /** Called when lines were kept. */
    wereKept: () => void,
  ) {
    this.claim = claim;
    this.#batch = batch;
    this.texts = texts;
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
  }

  /** About how many lines can be asked. */
  get ready(): number {
    return this.#isClosed ? 0 : this.texts.length - this.#next + this.#again.length;
  }

  takeLine(): number | undefined {
    if (this.#isClosed || this.keeper.isBehind) return undefined;
    while (this.#next < this.texts.length && this.#ended.has(this.#next)) this.#next++;
    // What has failed comes last, one after the other: a line that fails always must not be all that is tried.
    return this.#next < this.texts.length ? this.#next++ : this.#again.shift();
  }

  again(line: number): void {
    if (!this.#isClosed) this.#again.push(line);
  }

  /** After a time that grows with each try, up to a minute, or what the server asked for. */
  againLater(line: number, retryAfter: number | undefined, ready: () => void): void {
    if (this.#isClosed) return;
    const tries = this.#tries.get(line) ?? 0;
    this.#tries.set(line, tries + 1);
    const grown = Math.min(60_000, 500 * 2 ** tries) * (0.5 + Math.random());
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.again(line);
        ready();
      },
      Math.max(grown, (retryAfter ?? 0) * 1_000),
    );
    this.#timers.add(timer);
  }

  end(line: KeptLine): void {
    if (this.#isClosed || this.#ended.has(line.line)) return;
    this.#ended.set(line.line, line);
    this.keeper.add(line);
    this.#settleWhenEnded();
  }

  /** Every line that has not ended fails for this reason. */
  giveUp(failure: LineFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (let line = 0; line < this.claim.part.lines; line++) {
      if (!this.#ended.has(line)) this.#ended.set(line, failedLine(line, customIdOf(this.texts[line] ?? ""), failure));
    }
    this.#settle("all lines ended");
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
    for (const timer of this.#timers) clearTimeout(timer);
    this.claim.lost.removeEventListener("abort", this.#onLost);
    this.#batch.stopped.removeEventListener("abort", this.#onStopped);
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
