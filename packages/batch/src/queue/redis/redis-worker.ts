import { randomUUID } from "node:crypto";

import type { Claim, NewShard } from "../../contract.ts";
import { Claims } from "../claims.ts";
import { takePatiently } from "../take-patiently.ts";
import type { RedisConnection } from "./connection.ts";
import type { RedisPackages } from "./optional-packages.ts";
import { ShardQueue, type TakenJob } from "./shard-queue.ts";
import { RedisShards } from "./shards.ts";
import { Turns } from "./turns.ts";

/** Milliseconds. */
const timeBetweenBeats = 1_000;

interface Held {
  readonly batchId: string;
  readonly job: TakenJob;
}

/** What this process adds and takes; it renews its locks, and looks for shards of workers that are gone, from the first time on. */
export class RedisWorker {
  readonly #packages: RedisPackages;
  readonly #redis: RedisConnection;
  readonly #shards: RedisShards;
  readonly #turns: Turns;
  readonly #queues = new Map<string, ShardQueue>();
  readonly #claims = new Claims();
  /** By attempt. */
  readonly #held = new Map<string, Held>();
  readonly #takes = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isClosed = false;

  constructor(packages: RedisPackages, redis: RedisConnection, shards: RedisShards) {
    this.#packages = packages;
    this.#redis = redis;
    this.#shards = shards;
    this.#turns = new Turns(redis);
  }

  async add(batchId: string, shards: AsyncIterable<NewShard> | Iterable<NewShard>): Promise<void> {
    const fresh = await this.#shards.unended(batchId, shards);
    if (fresh.length === 0) return;
    // First that it is divided: jobs that nobody looks after would stay for ever where this process dies.
    await this.#turns.join(batchId);
    await this.#queueOf(batchId).add(fresh);
    await this.#turns.join(batchId);
  }

  async take(signal: AbortSignal, except: ReadonlySet<string>): Promise<Claim | undefined> {
    this.#beatLater();
    const taking = takePatiently(
      () => this.#tryTake(except),
      () => signal.aborted || this.#isClosed,
    );
    this.#takes.add(taking);
    return taking.finally(() => this.#takes.delete(taking));
  }

  async #tryTake(except: ReadonlySet<string>): Promise<Claim | undefined> {
    for (;;) {
      const batchId = await this.#turns.next(except);
      if (batchId === undefined) return undefined;
      const queue = this.#queueOf(batchId);
      const attempt = randomUUID();
      const job = await queue.take(attempt);
      if (job === undefined) {
        await this.#turns.leave(batchId, queue.waitingKey);
        continue;
      }
      const history = await this.#shards.begin({ batchId, shard: job.shard }, attempt);
      if (history) return this.#claim(batchId, job, attempt, history);
      // It was finished by a worker that had lost its lock, or did not live to say so.
      await job.complete();
    }
  }

  #claim(batchId: string, job: TakenJob, attempt: string, history: Pick<Claim, "deaths" | "suspicion">): Claim {
    const { shard, part } = job;
    const id = { batchId, shard };
    this.#held.set(attempt, { batchId, job });
    return this.#claims.add(
      { batchId, shard, part, attempt, ...history },
      {
        kept: () => this.#shards.kept(id),
        keep: (lines) => this.#shards.keep(id, attempt, lines),
        suspect: (suspicion) => this.#shards.suspect(id, attempt, suspicion),
        finish: async (result) => {
          const isFinished = await this.#shards.finish(id, attempt, result);
          this.#held.delete(attempt);
          if (isFinished) await job.complete();
          return isFinished;
        },
        release: async () => {
          this.#held.delete(attempt);
          if (!(await this.#shards.leave(id, attempt))) return;
          await job.release();
          await this.#turns.join(batchId);
        },
        takeBackDeath: () => this.#shards.takeBackDeath(id, attempt),
      },
    );
  }

  /**
   * Everything that only workers need: its jobs before what they refer to, and last that it has any. Whoever dies in between leaves
   * it divided, which `unforgotten` tells.
   */
  async forget(batchId: string): Promise<void> {
    await this.#queueOf(batchId).obliterate();
    await this.#shards.forget(batchId, this.#turns.key, this.#turns.dividedKey);
    for (const [attempt, held] of this.#held) if (held.batchId === batchId) this.#lose(attempt);
    await this.#dropQueue(batchId);
  }

  async *unforgotten(): AsyncIterable<string> {
    for (const batchId of await this.#turns.batches()) if (!(await this.#shards.isOpen(batchId))) yield batchId;
  }

  async depth(): Promise<{ readonly waiting: number; readonly running: number }> {
    const counts = await Promise.all((await this.#turns.batches()).map((batchId) => this.#queueOf(batchId).count()));
    return {
      waiting: counts.reduce((sum, { waiting }) => sum + waiting, 0),
      running: counts.reduce((sum, { running }) => sum + running, 0),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled([this.#beating, ...this.#takes]);
    await this.#claims.loseAll();
    await Promise.allSettled([...this.#held].map(([attempt, held]) => this.#giveBack(attempt, held)));
    for (const batchId of this.#queues.keys()) await this.#dropQueue(batchId);
  }

  async #giveBack(attempt: string, { batchId, job }: Held): Promise<void> {
    if (!(await this.#shards.leave({ batchId, shard: job.shard }, attempt))) return;
    await job.release();
    await this.#turns.join(batchId);
  }

  #beatLater(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat().finally(() => {
        this.#timer = undefined;
        this.#beatLater();
      });
    }, timeBetweenBeats).unref();
  }

  async #beat(): Promise<void> {
    try {
      const batches = new Set(await this.#turns.batches());
      for (const batchId of new Set([...this.#held.values()].map((held) => held.batchId))) await this.#renew(batchId);
      for (const batchId of batches) await this.#lookAfter(batchId);
      const inUse = new Set([...this.#held.values()].map((held) => held.batchId));
      for (const batchId of this.#queues.keys())
        if (!batches.has(batchId) && !inUse.has(batchId)) await this.#dropQueue(batchId);
    } catch {
      // A Redis that is away or full now: the next beat comes in a second, and whoever asks for something is told.
    }
  }

  async #renew(batchId: string): Promise<void> {
    const held = [...this.#held].filter(([, each]) => each.batchId === batchId);
    const tokens = new Map(held.map(([attempt, { job }]) => [job.shard, attempt]));
    for (const shard of await this.#queueOf(batchId).renew(tokens)) {
      const attempt = tokens.get(shard);
      if (attempt !== undefined) this.#lose(attempt);
    }
  }

  /** A worker may have gone after it took the last shard, or before it said that one waits again. */
  async #lookAfter(batchId: string): Promise<void> {
    const queue = this.#queueOf(batchId);
    await queue.giveBackStalled();
    if ((await queue.count()).waiting > 0) await this.#turns.join(batchId);
  }

  #lose(attempt: string): void {
    this.#held.delete(attempt);
    this.#claims.lose(attempt);
  }

  #queueOf(batchId: string): ShardQueue {
    const known = this.#queues.get(batchId);
    if (known !== undefined) return known;
    const made = new ShardQueue(this.#packages, this.#redis, batchId);
    this.#queues.set(batchId, made);
    return made;
  }

  async #dropQueue(batchId: string): Promise<void> {
    const queue = this.#queues.get(batchId);
    this.#queues.delete(batchId);
    await queue?.close();
  }
}
