import { number, object, string } from "valibot";

import type { SqliteDatabase } from "./database.ts";

const workerRow = object({ id: string(), beat: number() });
const attemptRow = object({ attempt: string() });

/** Milliseconds without a beat after which a worker is taken for gone. */
const lease = 5_000;
/** Milliseconds that count at most between two looks: a process that was frozen itself has not watched the others. */
const longestLook = 1_500;

/**
 * Which workers are alive. Each counts up once a second, and each watches the others with its own clock that only goes forward: times of
 * day would have to agree and never be set back.
 */
export class SqliteWorkers {
  readonly #db: SqliteDatabase;
  readonly #silences = new Map<string, { beat: number; silence: number }>();
  #lastLook: number | undefined;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /** @returns the attempts that are still this worker's: the others may have taken it for gone */
  async beat(id: string): Promise<ReadonlySet<string>> {
    const rows = await this.#db.change(() => {
      this.#db.run("insert into workers (id, beat) values (?, 0) on conflict (id) do update set beat = beat + 1", id);
      return this.#db.rows(attemptRow, "select attempt from shards where worker = ? and state = 'running'", id);
    });
    return new Set(rows.map(({ attempt }) => attempt));
  }

  /** Gives back what those hold that have been silent too long. */
  async look(): Promise<void> {
    const now = performance.now();
    const elapsed = Math.min(now - (this.#lastLook ?? now), longestLook);
    this.#lastLook = now;
    const workers = await this.#db.read(() => this.#db.rows(workerRow, "select id, beat from workers"));
    for (const { id, beat } of workers) {
      const known = this.#silences.get(id);
      const silence = known?.beat === beat ? known.silence + elapsed : 0;
      this.#silences.set(id, { beat, silence });
      if (silence > lease) await this.remove(id, beat);
    }
    const present = new Set(workers.map(({ id }) => id));
    for (const id of this.#silences.keys()) if (!present.has(id)) this.#silences.delete(id);
  }

  /** What it holds waits again. With its last beat it has died, unless it has beaten since: then nothing happens. */
  async remove(id: string, beat?: number): Promise<void> {
    await this.#db.change(() => {
      if (this.#db.run("delete from workers where id = ? and beat = ifnull(?, beat)", id, beat ?? null) === 0) return;
      this.#db.run(
        `update batches set waiting = waiting + (select count(*) from shards where batch = number and worker = ? and state = 'running')
        where number in (select batch from shards where worker = ? and state = 'running')`,
        id,
        id,
      );
      this.#db.run(
        `update shards set state = 'waiting', worker = null, attempt = null, deaths = deaths + ?, dead = iif(?, attempt, dead)
        where worker = ? and state = 'running'`,
        beat === undefined ? 0 : 1,
        beat === undefined ? 0 : 1,
        id,
      );
    });
  }
}
