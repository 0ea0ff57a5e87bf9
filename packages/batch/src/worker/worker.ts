import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { sleep } from "@dheera-ai/core/provider-utils";

import { checkInput } from "../batches/check-input.ts";
import { finishBatch, hasEnded } from "../batches/finish-batch.ts";
import { isBroken, readLine } from "../batches/read-line.ts";
import { answeredLine, failedLine } from "../batches/result-line.ts";
import type { Context } from "../context.ts";
import type { Claim, KeptLine } from "../contract.ts";
import { readLines } from "../files/packed-part.ts";
import { HeldShard } from "./held-shard.ts";
import { persist } from "./persist.ts";
import { WatchedBatch } from "./watched-batch.ts";
import type { BatchLine, WorkOptions } from "./work-options.ts";
import { writeResults } from "./write-results.ts";

/** Shards that have lines to ask; and all, those of paused batches included. */
const mostShards = 16;
const mostClaims = 64;
/** Milliseconds between two looks for batches of which nothing is held, and for which those rest that were given back. */
const othersMs = 500;
const restMs = 15_000;
/** Statuses after which the same line is asked again, later. */
const transient: ReadonlySet<number> = new Set([408, 429, 503, 504]);
/** Of a file that is checked beside others: its table takes 2 MB. */
const smallLines = 100_000;
const graceMs = 5_000;

/**
 * Takes shards so that there are always lines to ask, asks `concurrency` of them at one time, batches in turns, and finishes each shard.
 */
export class Worker {
  readonly #context: Context;
  readonly #options: WorkOptions;
  readonly #concurrency: number;
  /** Batches of which something is held; the one whose turn is next is first. */
  readonly #batches = new Map<string, WatchedBatch>();
  /** No more is taken. */
  readonly #closing = new AbortController();
  /** What runs is ended. */
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #taking: Promise<void>;
  readonly #takingOthers: Promise<void>;
  /** Paused batches that were given back to make room, and until when they are left to others, by `performance.now()`. */
  readonly #resting = new Map<string, number>();
  readonly #watching: Promise<void>;
  #inFlight = 0;
  #claims = 0;
  /** Lines of shards that are being read. */
  #arriving = 0;
  #checking: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  #drained: (() => void) | undefined;

  constructor(context: Context, options: WorkOptions) {
    this.#context = context;
    this.#options = options;
    this.#concurrency = Math.max(1, options.concurrency ?? 32);
    this.#taking = this.#takeShards();
    this.#takingOthers = this.#takeOthers();
    this.#watching = this.#watchBatches();
  }

  async close(): Promise<void> {
    this.#closing.abort(new DheeraError("cancelled", "This worker ends."));
    this.#wakeUp();
    const grace = new AbortController();
    const drained = new Promise<void>((resolve) => (this.#drained = resolve));
    if (this.#inFlight > 0) {
      await Promise.race([drained, sleep(graceMs, grace.signal).catch(() => undefined)]);
    }
    grace.abort();
    this.#ending.abort(this.#closing.signal.reason);
    for (const batch of this.#batches.values()) for (const shard of batch.shards) shard.letGo();
    await Promise.all([this.#taking, this.#takingOthers]);
    await this.#watching;
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #takeShards(): Promise<void> {
    const { signal } = this.#closing;
    let wait = shortestWait;
    while (!signal.aborted) {
      if (!this.#wantsMore()) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      try {
        const asked = performance.now();
        const claim = await this.#context.queue.take(signal, this.#paused());
        wait = shortestWait;
        if (claim) this.#run(claim);
        // A queue that has nothing says so at its own pace, and never in a loop that only asks.
        else if (performance.now() - asked < shortestWait) await pause(shortestWait, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#trouble("The queue of batches gives no work; it is asked again", error);
        await pause(wait, signal);
        wait = Math.min(2 * wait, longestWait);
      }
    }
  }

  /** A batch of which nothing is held gets a shard here, however much others have to ask: lines take turns by batch. */
  async #takeOthers(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await pause(othersMs, signal);
      if (signal.aborted) return;
      this.#makeRoom();
      if (this.#batches.size === 0 || this.#claims >= mostClaims || this.#shards() >= mostShards) continue;
      const held = new Set([...this.#batches.keys(), ...this.#paused()]);
      // The other loop says what is wrong with the queue.
      const claim = await this.#context.queue.take(signal, held).catch(() => undefined);
      if (claim) this.#run(claim);
    }
  }

  /** Paused batches are given back where they are all that can be held: nobody else's must wait for what they wait for. */
  #makeRoom(): void {
    const now = performance.now();
    for (const [id, until] of this.#resting) if (until <= now) this.#resting.delete(id);
    if (this.#claims < mostClaims) return;
    for (const batch of this.#batches.values())
      if (batch.isResting) {
        this.#resting.set(batch.id, now + restMs);
        for (const shard of batch.shards) shard.letGo();
      }
  }

  #wantsMore(): boolean {
    if (this.#closing.signal.aborted) return true;
    let ready = this.#arriving;
    for (const batch of this.#batches.values())
      if (!batch.isPaused) for (const shard of batch.shards) ready += shard.ready;
    return ready < this.#concurrency && this.#shards() < mostShards && this.#claims < mostClaims;
  }

  /** That have lines to ask. */
  #shards(): number {
    let shards = 0;
    for (const batch of this.#batches.values()) if (!batch.isPaused) shards += batch.shards.size;
    return shards;
  }

  #paused(): ReadonlySet<string> {
    const paused = [...this.#batches.values()].filter((batch) => batch.isPaused).map((batch) => batch.id);
    return new Set([...paused, ...this.#resting.keys()]);
  }

  #run(claim: Claim): void {
    this.#claims++;
    this.#arriving += claim.part.lines;
    const running = this.#work(claim)
      .catch((error: unknown) => this.#trouble("A shard of a batch could not be worked on; it is tried again", error))
      .finally(() => {
        this.#claims--;
        this.#running.delete(running);
        this.#wakeUp();
      });
    this.#running.add(running);
  }

  async #work(claim: Claim): Promise<void> {
    const arriving = claim.part.lines;
    let hasArrived = false;
    const arrived = (): void => {
      if (!hasArrived) this.#arriving -= arriving;
      hasArrived = true;
    };
    const signal = AbortSignal.any([claim.lost, this.#ending.signal]);
    let batch: WatchedBatch | undefined;
    try {
      batch = await this.#watch(claim.batchId);
      // Removed by hand: there is nobody who would read the answers.
      // Or it has ended, and somebody who was frozen has added its shards again.
      if (!batch || hasEnded(batch.record)) return void (await claim.finish({ completed: 0, failed: 0 }));
      if (claim.shard === 0) await this.#check(claim, batch);
      else await this.#rank(claim, batch, signal, arrived);
    } catch (error) {
      if (claim.lost.aborted) return;
      await claim.release().catch(() => undefined);
      if (!signal.aborted && !this.#closing.signal.aborted) {
        // Not at once again: whatever it is needs time.
        this.#trouble("A shard of a batch could not be worked on; it is tried again", error);
        await pause(longestWait / 10, signal);
      }
    } finally {
      arrived();
      if (batch) this.#unwatch(batch);
    }
  }

  /** Large files are checked one at a time in this process, because each needs memory by its lines; small ones do not wait for them. */
  async #check(claim: Claim, batch: WatchedBatch): Promise<void> {
    const signal = AbortSignal.any([claim.lost, this.#closing.signal, batch.stopped]);
    const check = async (): Promise<void> => {
      signal.throwIfAborted();
      await persist(batch, signal, this.#options.onTrouble, () => checkInput(this.#context, batch.record, signal));
    };
    try {
      const file = await this.#context.queue.findFile(batch.record.inputFileId);
      if (file && file.lines > smallLines) {
        const checked = this.#checking.then(check);
        this.#checking = checked.catch(() => undefined);
        await checked;
      } else await check();
    } catch (error) {
      if (!batch.stopped.aborted) throw error;
    }
    await this.#finish(claim, batch, signal, { completed: 0, failed: 0 });
  }

  async #rank(claim: Claim, batch: WatchedBatch, signal: AbortSignal, arrived: () => void): Promise<void> {
    const { onTrouble } = this.#options;
    const kept = await persist(batch, signal, onTrouble, () => claim.kept());
    const texts = await persist(batch, signal, onTrouble, () => readLines(this.#context, claim.part)).catch(
      (error: unknown) => {
        if (signal.aborted || !isDheeraError(error)) throw error;
        onTrouble?.(`A part of the input of ${batch.id} cannot be read: ${error.message}`, error);
        return undefined;
      },
    );
    const keep = async (lines: readonly KeptLine[]): Promise<void> =>
      await persist(batch, signal, onTrouble, () => claim.keep(lines));
    const shard = new HeldShard(claim, batch, texts ?? [], kept, signal, keep, this.#ready);
    if (!texts) shard.giveUp({ code: "input_lost", message: "This line could not be read: its file is gone." });
    batch.add(shard);
    arrived();
    // It was taken while this worker began to end.
    if (this.#closing.signal.aborted) shard.letGo();
    try {
      this.#pump();
      const end = await shard.settled;
      if (end === "let go") {
        await shard.keeper.flush();
        await claim.release();
        return;
      }
      const [result] = await Promise.all([
        persist(batch, signal, onTrouble, () => writeResults(this.#context, claim, shard.inOrder())),
        shard.keeper.flush(),
      ]);
      batch.remove(shard);
      await this.#finish(claim, batch, signal, result);
    } finally {
      shard.close();
      batch.remove(shard);
    }
  }

  async #finish(
    claim: Claim,
    batch: WatchedBatch,
    signal: AbortSignal,
    result: Parameters<Claim["finish"]>[0],
  ): Promise<void> {
    const { onTrouble } = this.#options;
    await persist(batch, signal, onTrouble, () => claim.finish(result));
    // Where it is the last one; else whoever keeps house does it.
    await finishBatch(this.#context, batch.id).catch((error: unknown) =>
      this.#trouble(`The files of ${batch.id} cannot be made yet`, error),
    );
  }

  /** Asks as many lines as may be asked now. */
  #pump(): void {
    while (this.#inFlight < this.#concurrency && !this.#closing.signal.aborted) {
      const next = this.#nextLine();
      if (!next) return;
      this.#inFlight++;
      void this.#ask(...next).finally(() => {
        this.#inFlight--;
        if (this.#inFlight === 0) this.#drained?.();
        this.#pump();
        if (this.#wake && this.#wantsMore()) this.#wakeUp();
      });
    }
  }

  #nextLine(): [WatchedBatch, HeldShard, number] | undefined {
    for (const [id, batch] of this.#batches) {
      if (!batch.mayStart()) continue;
      for (const shard of batch.shards) {
        const line = shard.takeLine();
        if (line === undefined) continue;
        // To the end: another batch has the next turn.
        if (this.#batches.size > 1) {
          this.#batches.delete(id);
          this.#batches.set(id, batch);
        }
        return [batch, shard, line];
      }
    }
    return undefined;
  }

  async #ask(batch: WatchedBatch, shard: HeldShard, number: number): Promise<void> {
    const line = readLine(shard.texts[number] ?? "", batch.record.endpoint);
    if (isBroken(line)) {
      shard.linesBefore ??= await this.#linesBefore(batch, shard.claim);
      const place = shard.linesBefore + number + 1;
      shard.end(failedLine(number, line.customId, { ...line.problem, line: place }));
      this.#options.onLine?.("failed");
      return;
    }
    batch.begin();
    try {
      const answer = await this.#options.rankLine(lineOf(batch, shard.signal, line.body));
      if (shard.signal.aborted && answer.status >= 400) return;
      if (answer.retryLater !== undefined) {
        shard.again(number);
        batch.pause(answer.retryLater, answer.retryAfter);
      } else if (transient.has(answer.status)) {
        batch.refused(answer.status);
        shard.againLater(number, answer.retryAfter, () => this.#pump());
      } else {
        batch.served();
        const ended = answeredLine(number, line.customId, answer);
        shard.end(ended);
        this.#options.onLine?.(ended.isError ? "failed" : "completed");
      }
    } catch (error) {
      if (shard.signal.aborted) return;
      this.#trouble(`A line of ${batch.id} failed in a way that nobody foresaw`, error);
      shard.end(
        failedLine(number, line.customId, { code: "internal", message: "The request failed inside the proxy." }),
      );
      this.#options.onLine?.("failed");
    } finally {
      batch.end();
    }
  }

  /** Of the input: asked for only where a line is broken. */
  async #linesBefore(batch: WatchedBatch, claim: Claim): Promise<number> {
    let before = 0;
    let shard = 1;
    try {
      for await (const part of this.#context.queue.partsOf(batch.record.inputFileId)) {
        if (shard++ === claim.shard) break;
        before += part.lines;
      }
    } catch (error) {
      this.#trouble(`The place of a broken line of ${batch.id} is not known`, error);
    }
    return before;
  }

  async #watch(id: string): Promise<WatchedBatch | undefined> {
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

  #unwatch(batch: WatchedBatch): void {
    if (--batch.holders === 0) {
      this.#batches.delete(batch.id);
      batch.close();
    }
  }

  /** Each second: whether batches were cancelled, whether their time has passed, why they are paused. */
  async #watchBatches(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await pause(watchMs, signal);
      for (const batch of this.#batches.values()) {
        if (signal.aborted) return;
        await batch.refresh().catch((error: unknown) => this.#trouble(`The state of ${batch.id} is not known`, error));
      }
      this.#ready();
    }
  }

  readonly #ready = (): void => {
    this.#pump();
    this.#wakeUp();
  };

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #trouble(message: string, error: unknown): void {
    this.#options.onTrouble?.(isDheeraError(error) ? `${message}: ${error.message}` : message, error);
  }
}

const watchMs = 1_000;
const shortestWait = 100;
const longestWait = 10_000;

function lineOf({ record }: WatchedBatch, signal: AbortSignal, body: unknown): BatchLine {
  const { id, owner, endpoint, expiresAt } = record;
  return { owner, batchId: id, url: endpoint, body, signal, deadline: expiresAt };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, signal).catch(() => undefined);
}
