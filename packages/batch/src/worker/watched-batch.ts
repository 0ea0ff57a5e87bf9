import { expireBatch } from "../batches/cancel-batch.ts";
import { hasEnded, withoutPause } from "../batches/finish-batch.ts";
import type { LineFailure } from "../batches/result-line.ts";
import type { Context } from "../context.ts";
import type { BatchRecord } from "../contract.ts";
import type { HeldShard } from "./lines/held-shard.ts";
import type { BatchLine } from "./work-options.ts";

/** Transient refusals one after the other, after which the batch pauses as a whole. */
const refusalsInRow = 16;

/** A batch of which this worker holds shards: whether its lines may be asked now. */
export class WatchedBatch {
  readonly id: string;
  readonly shards: Set<HeldShard> = new Set<HeldShard>();
  /** Claims that are worked on. */
  holders = 0;
  record: BatchRecord;
  /** Why what has not ended is given up: cancelled, or its time has passed. */
  givenUp: LineFailure | undefined;
  readonly #context: Context;
  /** Called when lines may be asked again. */
  readonly #ready: () => void;
  readonly #stop = new AbortController();
  /** What cannot be written now, each with its reason. */
  readonly #blocks = new Map<symbol, string>();
  #pause: { readonly reason: string; readonly until: number; readonly wait: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #refusals = 0;
  readonly #servedOf = new Map<string, number>();
  /** Since the last look at the record. */
  #hasServed = false;

  constructor(context: Context, record: BatchRecord, ready: () => void) {
    this.#ready = ready;
    this.#context = context;
    this.id = record.id;
    this.record = record;
  }

  /** Aborts when what has not ended is given up. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get isPaused(): boolean {
    return this.#pause !== undefined || this.#blocks.size > 0;
  }

  /** Paused because of what is asked, and nothing of it is being asked: what is held of it may be given back. */
  get isResting(): boolean {
    return this.#pause !== undefined && this.#blocks.size === 0 && this.#inFlight === 0;
  }

  /** After a pause one line is asked alone: whether it is served decides for all. */
  mayStart(): boolean {
    if (this.givenUp || this.#blocks.size > 0) return false;
    return !this.#pause || (this.#inFlight === 0 && performance.now() >= this.#pause.until);
  }

  /** A line as whoever ranks gets it. */
  lineOf(signal: AbortSignal, body: unknown): BatchLine {
    const { id, owner, endpoint, expiresAt } = this.record;
    return { owner, batchId: id, url: endpoint, body, signal, deadline: expiresAt };
  }

  begin(): void {
    this.#inFlight++;
  }

  end(): void {
    this.#inFlight--;
  }

  /** Nothing is asked for a while, which grows from one second to 30. */
  pause(reason: string, retryAfter: number | undefined): void {
    const now = performance.now();
    // Others that were in flight say the same.
    if (this.#pause && now < this.#pause.until) return;
    const wait = Math.min(30_000, this.#pause ? 2 * this.#pause.wait : 1_000);
    const actual = Math.max(wait, Math.min(retryAfter ?? 0, 300) * 1_000);
    this.#pause = { reason, until: now + actual, wait };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ready, actual + 1);
  }

  refused(status: number): void {
    if (++this.#refusals < refusalsInRow && !this.#pause) return;
    this.pause(refusedWith(status), undefined);
  }

  /** Lines of the model that were served in this process. */
  servedOf(model: string): number {
    return this.#servedOf.get(model) ?? 0;
  }

  served(model: string): void {
    this.#servedOf.set(model, this.servedOf(model) + 1);
    this.#refusals = 0;
    this.#hasServed = true;
    // What was in flight when the pause began says nothing about it.
    if (this.#pause && performance.now() >= this.#pause.until) {
      this.#pause = undefined;
      clearTimeout(this.#timer);
    }
  }

  /** @returns what ends it */
  block(reason: string): () => void {
    const block = Symbol(reason);
    this.#blocks.set(block, reason);
    return () => {
      this.#blocks.delete(block);
      this.#ready();
    };
  }

  add(shard: HeldShard): void {
    this.shards.add(shard);
  }

  remove(shard: HeldShard): void {
    this.shards.delete(shard);
  }

  async refresh(): Promise<void> {
    const { queue, now } = this.#context;
    let record = await queue.findBatch(this.id);
    if (!record) return;
    if (now() >= record.expiresAt && !hasEnded(record)) record = (await expireBatch(this.#context, this.id)) ?? record;
    this.record = record;
    this.follow();
    await this.#notePause();
  }

  /** Stops where the record says so. */
  follow(): void {
    const { status, expiredAt } = this.record;
    if (status === "cancelling" || status === "cancelled") {
      this.#giveUp({ code: "batch_cancelled", message: "The batch was cancelled before this request was executed." });
    } else if (expiredAt !== undefined) {
      this.#giveUp({
        code: "batch_expired",
        message: "This request could not be executed before the completion window of the batch ended.",
      });
    }
  }

  close(): void {
    this.#context.unwrittenPauses.delete(this.id);
    clearTimeout(this.#timer);
  }

  #giveUp(failure: LineFailure): void {
    if (this.givenUp) return;
    this.givenUp = failure;
    this.#stop.abort(new Error(failure.message));
  }

  /** Says in the record why nothing is asked; takes it back when something was served, whoever has said it. */
  async #notePause(): Promise<void> {
    const reason = this.givenUp ? undefined : (this.#blocks.values().next().value ?? this.#pause?.reason);
    const hasServed = this.#hasServed;
    this.#hasServed = false;
    const noted = this.record.pausedFor;
    if (reason === undefined) this.#context.unwrittenPauses.delete(this.id);
    if (reason === noted || (reason === undefined && !hasServed)) return;
    const { queue, unwrittenPauses } = this.#context;
    if (reason !== undefined) unwrittenPauses.set(this.id, reason);
    const changed = await queue.changeBatch(this.id, (batch) => {
      if (hasEnded(batch) || batch.pausedFor === reason) return undefined;
      return reason === undefined ? withoutPause(batch) : { ...batch, pausedFor: reason };
    });
    unwrittenPauses.delete(this.id);
    if (changed) this.record = changed;
  }
}

/** Why a batch pauses whose servers refuse everybody. */
export function refusedWith(status: number): string {
  return `The last requests were refused with status ${status}.`;
}
