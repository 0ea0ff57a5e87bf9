import { expireBatch } from "../batches/cancel-batch.ts";
import { isTooDeadly, tooDeadly, withDeadly } from "../batches/too-deadly.ts";
import { hasEnded, withoutPause } from "../batches/finish-batch.ts";
import type { LineFailure } from "../batches/result-line.ts";
import type { Context } from "../context.ts";
import type { BatchRecord } from "../contract.ts";
import { BatchPause } from "./batch-pause.ts";
import type { HeldShard } from "./lines/held-shard.ts";
import type { BatchLine } from "./work-options.ts";

/** A batch of which this worker holds shards: whether its lines may be asked now. */
export class WatchedBatch {
  readonly id: string;
  readonly shards: Set<HeldShard> = new Set<HeldShard>();
  /** Lines that were answered and are being asked once more, by model. */
  readonly witnesses: Map<string, Promise<void>> = new Map<string, Promise<void>>();
  /** Claims that are worked on. */
  holders = 0;
  record: BatchRecord;
  /** Why what has not ended is given up: cancelled, or its time has passed. */
  givenUp: LineFailure | undefined;
  readonly #context: Context;
  readonly #stop = new AbortController();
  readonly #pause: BatchPause;
  #inFlight = 0;
  readonly #servedOf = new Map<string, number>();
  /** Since the last look at the record. */
  #hasServed = false;

  constructor(context: Context, record: BatchRecord, ready: () => void) {
    this.#pause = new BatchPause(ready);
    this.#context = context;
    this.id = record.id;
    this.record = record;
  }

  /** Aborts when what has not ended is given up. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get isPaused(): boolean {
    return this.#pause.isPaused;
  }

  /** Paused because of what is asked, and nothing of it is being asked: what is held of it may be given back. */
  get isResting(): boolean {
    return this.#pause.isPaused && !this.#pause.isBlocked && this.#inFlight === 0;
  }

  /** After a pause one line is asked alone: whether it is served decides for all. */
  mayStart(): boolean {
    if (this.givenUp || this.#pause.isBlocked) return false;
    return !this.#pause.isPaused || (this.#inFlight === 0 && this.#pause.isDue);
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

  /** Nothing is asked for a while. @param retryAfter seconds */
  pause(reason: string, retryAfter: number | undefined): void {
    this.#pause.begin(reason, retryAfter);
  }

  refused(status: number): void {
    this.#pause.refused(status);
  }

  /** Lines of the model that were served in this process. */
  servedOf(model: string): number {
    return this.#servedOf.get(model) ?? 0;
  }

  served(model: string): void {
    this.#servedOf.set(model, this.servedOf(model) + 1);
    this.#hasServed = true;
    this.#pause.served();
  }

  /** What is answered cannot be written. @returns what ends it */
  block(reason: string): () => void {
    return this.#pause.block(reason);
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
    } else if (isTooDeadly(this.record)) this.#giveUp(tooDeadly);
  }

  /** Notes lines, or a shard, of which workers have died until they were given up. Again without effect. */
  async noteDeadly(shard: number, lines: readonly number[] | "all"): Promise<void> {
    const names = lines === "all" ? [`${shard}`] : lines.map((line) => `${shard}:${line}`);
    if (names.length === 0) return;
    const record = await this.#context.queue.changeBatch(this.id, (batch) =>
      hasEnded(batch) ? undefined : withDeadly(batch, names),
    );
    if (!record) return;
    this.record = record;
    this.follow();
  }

  close(): void {
    this.#context.unwrittenPauses.delete(this.id);
    this.#pause.close();
  }

  #giveUp(failure: LineFailure): void {
    if (this.givenUp) return;
    this.givenUp = failure;
    this.#stop.abort(new Error(failure.message));
  }

  /** Says in the record why nothing is asked; takes it back when something was served, whoever has said it. */
  async #notePause(): Promise<void> {
    const reason = this.givenUp ? undefined : this.#pause.reason;
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
