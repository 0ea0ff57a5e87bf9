import { randomUUID } from "node:crypto";

import { object, string } from "valibot";

import type { Claim, Queue } from "../../contract.ts";
import { Claims } from "../claims.ts";
import { takePatiently } from "../take-patiently.ts";
import { sqliteBatches } from "./batches.ts";
import { SqliteDatabase } from "./database.ts";
import { sqliteFiles } from "./files.ts";
import { SqliteShards } from "./shards.ts";
import { sqliteUploads } from "./uploads.ts";
import { SqliteWorkers } from "./workers.ts";

/** Milliseconds. */
const timeBetweenBeats = 1_000;

/**
 * A queue for the processes of one machine, in one file.
 * @throws DheeraError `unavailable` where the file cannot be used
 */
export async function openSqliteQueue(path: string): Promise<Queue> {
  const db = await SqliteDatabase.open(path);
  const shards = new SqliteShards(db);
  const worker = new Worker(db, shards);
  return {
    async identity() {
      const [row] = await db.read(() => db.rows(object({ id: string() }), "select id from identity"));
      if (row === undefined) throw new Error("the queue has no identity");
      return row.id;
    },
    ...sqliteUploads(db),
    ...sqliteFiles(db),
    ...sqliteBatches(db),
    addShards: (batchId, added) => shards.add(batchId, added),
    resultsOf: (batchId, kind) => shards.results(batchId, kind),
    forgetShards: (batchId) => shards.forget(batchId),
    unforgotten: () => shards.unforgotten(),
    take: (signal, except) => worker.take(signal, except ?? new Set()),
    depth: () => shards.depth(),
    async close() {
      await worker.close();
      await db.close();
    },
  };
}

/** What this process takes; it beats from the first time on. */
class Worker {
  readonly #id = randomUUID();
  readonly #shards: SqliteShards;
  readonly #workers: SqliteWorkers;
  readonly #claims = new Claims();
  readonly #takes = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isClosed = false;

  constructor(db: SqliteDatabase, shards: SqliteShards) {
    this.#shards = shards;
    this.#workers = new SqliteWorkers(db);
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
    if (!(await this.#shards.isWaiting(except))) return undefined;
    const held = await this.#shards.take(this.#id, randomUUID(), except);
    if (held === undefined) return undefined;
    const { batchId, shard, part, attempt, deaths, suspicion } = held;
    return this.#claims.add(
      { batchId, shard, part, attempt, deaths, suspicion },
      {
        kept: () => this.#shards.kept(held),
        keep: (lines) => this.#shards.keep(held, lines),
        suspect: (noted) => this.#shards.suspect(held, noted),
        finish: (result) => this.#shards.finish(held, result),
        release: () => this.#shards.release(held),
        takeBackDeath: () => this.#shards.takeBackDeath(held),
      },
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled([this.#beating, ...this.#takes]);
    await this.#claims.loseAll();
    await this.#workers.remove(this.#id);
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
      const before = this.#claims.attempts;
      const held = await this.#workers.beat(this.#id);
      for (const attempt of before) if (!held.has(attempt)) this.#claims.lose(attempt);
      await this.#workers.look();
    } catch {
      // A file that is busy or full now: the next beat comes in a second, and whoever asks for something is told.
    }
  }
}
