import type { Job, Queue, Worker } from "bullmq";
import { number, object, parse } from "valibot";

import type { FilePart, NewShard } from "../../contract.ts";
import { filePart } from "../records.ts";
import type { RedisConnection } from "./connection.ts";
import type { RedisPackages } from "./optional-packages.ts";

/** Milliseconds for which a worker that is silent keeps its shards. */
export const lease = 5_000;
/** Milliseconds between two looks for shards whose worker is gone. */
const timeBetweenChecks = 1_000;
/** Jobs that are added at once. */
const chunk = 500;

const jobData = object({ shard: number(), part: filePart });

export interface TakenJob {
  readonly shard: number;
  readonly part: FilePart;
  /** Nobody takes it any more. */
  complete(): Promise<void>;
  /** Somebody else may take it at once. */
  release(): Promise<void>;
}

/**
 * The shards of one batch that wait or run, as a BullMQ queue: first in, first out. A queue for each batch lets batches take turns, and
 * be left out; all use one connection, because nobody blocks on them.
 */
export class ShardQueue {
  readonly batchId: string;
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #redis: RedisConnection;

  constructor({ bullmq }: RedisPackages, redis: RedisConnection, batchId: string) {
    this.batchId = batchId;
    this.#redis = redis;
    const options = {
      connection: redis.client,
      prefix: redis.key("shards"),
      autorun: false,
      lockDuration: lease,
      stalledInterval: timeBetweenChecks,
      // A shard is never to blame for the end of its worker: it is taken again however often that happens.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      // Nobody listens to events.
      streams: { events: { maxLen: 1 } },
      defaultJobOptions: { removeOnComplete: true },
    };
    const backend = bullmq.createRedisBackend(batchId, options, {});
    this.#queue = new bullmq.Queue(batchId, options, () => backend);
    this.#worker = new bullmq.Worker(batchId, null, options, () => backend);
    // Whoever asks for something is told.
    this.#queue.on("error", () => {});
    this.#worker.on("error", () => {});
  }

  /** The Redis list of those that wait. */
  get waitingKey(): string {
    return this.#queue.keys["wait"] ?? "";
  }

  async add(shards: readonly NewShard[]): Promise<void> {
    for (let start = 0; start < shards.length; start += chunk)
      await this.#redis.ask(() =>
        this.#queue.addBulk(
          shards.slice(start, start + chunk).map(({ shard, part }) => ({
            name: "shard",
            data: { shard, part },
            // The same shard is the same job; BullMQ takes no number for an id.
            opts: { jobId: `s${shard}` },
          })),
        ),
      );
  }

  /** @param token of the attempt, which holds its lock */
  async take(token: string): Promise<TakenJob | undefined> {
    const job: Job | undefined = await this.#redis.ask(() => this.#worker.getNextJob(token, { block: false }));
    if (job === undefined) return undefined;
    const { shard, part } = parse(jobData, job.data);
    return {
      shard,
      part,
      complete: () => ifStillHeld(() => job.moveToCompleted(undefined, token, false)),
      release: () => ifStillHeld(() => job.moveToWait(token)),
    };
  }

  /** @returns the shards whose locks are lost */
  async renew(held: ReadonlyMap<number, string>): Promise<readonly number[]> {
    const lost = await this.#redis.ask(() =>
      this.#worker.extendJobLocks(
        [...held.keys()].map((shard) => `s${shard}`),
        [...held.values()],
        lease,
      ),
    );
    return lost.map((id) => Number(id.slice(1)));
  }

  /** Lets those wait again whose worker is gone; of all workers one looks at a time. */
  async giveBackStalled(): Promise<void> {
    await this.#redis.ask(() => this.#worker.getBackend().moveStalledJobsToWait());
  }

  async count(): Promise<{ readonly waiting: number; readonly running: number }> {
    const counts = await this.#redis.ask(() => this.#queue.getJobCounts("wait", "active"));
    return { waiting: counts["wait"] ?? 0, running: counts["active"] ?? 0 };
  }

  async obliterate(): Promise<void> {
    await this.#redis.ask(() => this.#queue.obliterate({ force: true }));
  }

  async close(): Promise<void> {
    await this.#worker.close(true);
    await this.#queue.close();
  }
}

/** Where its lock is lost, the job is in other hands, or will be. */
async function ifStillHeld(move: () => Promise<unknown>): Promise<void> {
  try {
    await move();
  } catch {
    // What counts is in the hash of the shard: whoever takes the job next sees that it has ended.
  }
}
