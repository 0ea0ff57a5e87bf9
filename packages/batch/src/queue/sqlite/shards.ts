import { type InferOutput, nullable, number, object, string } from "valibot";

import type { FilePart, KeptLine, NewShard, ShardResult, Suspicion } from "../../contract.ts";
import { collect } from "../collect.ts";
import { type Counted, countLines } from "../counted.ts";
import { readKept, readPart, readSuspicion } from "../records.ts";
import type { SqliteDatabase } from "./database.ts";

/** Who has a shard. The number is the batch's in this file. */
export interface Holding {
  readonly batch: number;
  readonly batchId: string;
  readonly shard: number;
  readonly part: FilePart;
  readonly attempt: string;
  readonly deaths: number;
  readonly suspicion: Suspicion | undefined;
}

const numberRow = object({ number: number() });
const turnRow = object({ number: number(), id: string() });
const waitingRow = object({ shard: number(), part: string(), deaths: number(), suspicion: nullable(string()) });
const heldRow = object({ completed: number(), failed: number(), cost: nullable(number()) });
const resultRow = object({ shard: number(), result: string() });

/** Results that are read at once. */
const chunk = 1_000;

/** The claim table: a shard waits, runs in the hands of one attempt, or has ended. */
export class SqliteShards {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async add(batchId: string, shards: AsyncIterable<NewShard> | Iterable<NewShard>): Promise<void> {
    const all = await collect(shards);
    // Whoever keeps house asks again and again: nothing is written where all are there.
    if (!(await this.#db.read(() => all.some(({ shard }) => !this.#has(batchId, shard))))) return;
    await this.#db.changeDurably(() => {
      const [batch] = this.#db.rows(numberRow, "select number from batches where id = ? and is_open", batchId);
      if (batch === undefined) return;
      let added = 0;
      for (const { shard, part } of all)
        added += this.#db.run(
          "insert or ignore into shards (batch, shard, part, state) values (?, ?, ?, 'waiting')",
          batch.number,
          shard,
          JSON.stringify(part),
        );
      this.#addWaiting(batch.number, added);
    });
  }

  /** The batch whose turn was longest ago gives its first shard, and takes its place behind all others. */
  take(worker: string, attempt: string, except: ReadonlySet<string>): Promise<Holding | undefined> {
    return this.#db.change(() => {
      // A worker that was taken for gone holds again what it takes from now on.
      this.#db.run("insert or ignore into workers (id, beat) values (?, 0)", worker);
      const batch = this.#next(except);
      if (batch === undefined) return undefined;
      const [first] = this.#db.rows(
        waitingRow,
        "select shard, part, deaths, suspicion from shards where batch = ? and state = 'waiting' order by shard limit 1",
        batch.number,
      );
      if (first === undefined) throw new Error("a batch counts a waiting shard that is not there");
      this.#db.run(
        "update shards set state = 'running', worker = ?, attempt = ? where batch = ? and shard = ?",
        worker,
        attempt,
        batch.number,
        first.shard,
      );
      this.#db.run(`update batches set waiting = waiting - 1, turn = ${nextTurn} where number = ?`, batch.number);
      const { shard, deaths } = first;
      const suspicion = first.suspicion === null ? undefined : readSuspicion(first.suspicion);
      return { batch: batch.number, batchId: batch.id, shard, part: readPart(first.part), attempt, deaths, suspicion };
    });
  }

  /** Whether there is something to take; the file stays free for others. */
  isWaiting(except: ReadonlySet<string>): Promise<boolean> {
    return this.#db.read(() => this.#next(except) !== undefined);
  }

  #next(except: ReadonlySet<string>): InferOutput<typeof turnRow> | undefined {
    return this.#db
      .rows(turnRow, "select number, id from batches where waiting > 0 order by turn limit ?", except.size + 1)
      .find(({ id }) => !except.has(id));
  }

  async kept({ batch, shard }: Holding): Promise<readonly KeptLine[]> {
    const rows = await this.#db.read(() =>
      this.#db.rows(
        object({ text: string() }),
        "select text from kept where batch = ? and shard = ? order by line",
        batch,
        shard,
      ),
    );
    return rows.map(({ text }) => readKept(text));
  }

  /** @returns false where the shard is somebody else's by now */
  async keep(holding: Holding, lines: readonly KeptLine[]): Promise<boolean> {
    const { batch, shard } = holding;
    return this.#db.changeDurably(() => {
      if (this.#held(holding) === undefined) return false;
      const fresh = lines.filter(
        (line) =>
          this.#db.run(
            "insert or ignore into kept (batch, shard, line, text) values (?, ?, ?, ?)",
            batch,
            shard,
            line.line,
            JSON.stringify(line),
          ) > 0,
      );
      const counted = countLines(fresh);
      this.#db.run(`update shards set ${addition} where batch = ? and shard = ?`, ...valuesOf(counted), batch, shard);
      this.#count(batch, counted);
      if (fresh.length > 0)
        this.#db.run(
          "update shards set deaths = 0 where batch = ? and shard = ? and deaths > 0 and suspicion is null",
          batch,
          shard,
        );
      return true;
    });
  }

  /** @returns false where the shard is somebody else's by now */
  async suspect(holding: Holding, suspicion: Suspicion): Promise<boolean> {
    return this.#db.changeDurably(() => {
      if (this.#held(holding) === undefined) return false;
      const { batch, shard } = holding;
      this.#db.run(
        "update shards set suspicion = ? where batch = ? and shard = ?",
        JSON.stringify(suspicion),
        batch,
        shard,
      );
      return true;
    });
  }

  /** Again without effect: it may have been done, and its answer lost. @returns false where the shard is somebody else's by now */
  async finish(holding: Holding, result: ShardResult): Promise<boolean> {
    const { batch, shard } = holding;
    return this.#db.changeDurably(() => {
      const held = this.#held(holding);
      if (held === undefined) return this.#isEnded(holding);
      const { completed, failed, cost, output, errors } = result;
      this.#db.run(
        `update shards set state = 'ended', worker = null, completed = ?, failed = ?, cost = ?, output = ?, errors = ?
        where batch = ? and shard = ?`,
        completed,
        failed,
        cost ?? null,
        output === undefined ? null : JSON.stringify(output),
        errors === undefined ? null : JSON.stringify(errors),
        batch,
        shard,
      );
      this.#db.run("delete from kept where batch = ? and shard = ?", batch, shard);
      this.#count(batch, {
        completed: completed - held.completed,
        failed: failed - held.failed,
        cost: cost === undefined && held.cost === null ? undefined : (cost ?? 0) - (held.cost ?? 0),
      });
      this.#db.run("update batches set shards_ended = shards_ended + 1 where number = ?", batch);
      return true;
    });
  }

  async release(holding: Holding): Promise<void> {
    await this.#db.change(() => {
      if (this.#held(holding) === undefined) return;
      this.#db.run(
        "update shards set state = 'waiting', worker = null, attempt = null where batch = ? and shard = ?",
        holding.batch,
        holding.shard,
      );
      this.#addWaiting(holding.batch, 1);
    });
  }

  /** Of the last worker that was taken for dead with it, if that was this one. */
  async takeBackDeath({ batch, shard, attempt }: Holding): Promise<void> {
    await this.#db.change(() => {
      this.#db.run(
        "update shards set deaths = max(deaths - 1, 0), dead = null where batch = ? and shard = ? and dead = ?",
        batch,
        shard,
        attempt,
      );
    });
  }

  async *results(batchId: string, kind: "output" | "errors"): AsyncIterable<FilePart> {
    for (let last = -1; ;) {
      const rows = await this.#db.read(() =>
        this.#db.rows(
          resultRow,
          `select shard, ${kind} as result from shards join batches on number = batch
          where id = ? and shard > ? and state = 'ended' and ${kind} is not null order by shard limit ?`,
          batchId,
          last,
          chunk,
        ),
      );
      yield* rows.map(({ result }) => readPart(result));
      const newest = rows.at(-1);
      if (newest === undefined) return;
      last = newest.shard;
    }
  }

  async forget(batchId: string): Promise<void> {
    await this.#db.changeDurably(() => {
      const batch = this.#numberOf(batchId);
      if (batch === undefined) return;
      this.#db.run("delete from shards where batch = ?", batch);
      this.#db.run("update batches set waiting = 0 where number = ?", batch);
    });
  }

  /** From one batch that has shards to the next: batches without any, which are most, cost nothing. */
  async *unforgotten(): AsyncIterable<string> {
    const rows = await this.#db.read(() =>
      this.#db.rows(
        object({ id: string() }),
        `with recursive divided (batch) as (
          select min(batch) from shards
          union all
          select (select min(batch) from shards where batch > divided.batch) from divided where divided.batch is not null
        )
        select id from divided join batches on number = divided.batch where not is_open`,
      ),
    );
    for (const { id } of rows) yield id;
  }

  async depth(): Promise<{ readonly waiting: number; readonly running: number }> {
    const [row] = await this.#db.read(() =>
      this.#db.rows(
        object({ waiting: number(), running: number() }),
        `select (select cast(total(waiting) as integer) from batches where waiting > 0) as waiting,
        (select count(*) from shards where state = 'running') as running`,
      ),
    );
    return row ?? { waiting: 0, running: 0 };
  }

  #has(batchId: string, shard: number): boolean {
    const rows = this.#db.rows(
      object({ shard: number() }),
      "select shard from shards where batch = (select number from batches where id = ?) and shard = ?",
      batchId,
      shard,
    );
    return rows.length > 0;
  }

  #numberOf(batchId: string): number | undefined {
    return this.#db.rows(numberRow, "select number from batches where id = ?", batchId)[0]?.number;
  }

  #held({ batch, shard, attempt }: Holding): InferOutput<typeof heldRow> | undefined {
    return this.#db.rows(
      heldRow,
      "select completed, failed, cost from shards where batch = ? and shard = ? and attempt = ? and state = 'running'",
      batch,
      shard,
      attempt,
    )[0];
  }

  #isEnded({ batch, shard, attempt }: Holding): boolean {
    const rows = this.#db.rows(
      object({ shard: number() }),
      "select shard from shards where batch = ? and shard = ? and attempt = ? and state = 'ended'",
      batch,
      shard,
      attempt,
    );
    return rows.length > 0;
  }

  /** A batch that had nothing to take comes behind those that have: otherwise new ones would keep old ones waiting. */
  #addWaiting(batch: number, added: number): void {
    this.#db.run(
      `update batches set turn = iif(waiting = 0, ${nextTurn}, turn), waiting = waiting + ?
      where number = ?`,
      added,
      batch,
    );
  }

  #count(batch: number, counted: Counted): void {
    this.#db.run(`update batches set ${addition} where number = ?`, ...valuesOf(counted), batch);
  }
}

/** Behind all that have something to take. */
const nextTurn = "(select ifnull(max(turn), 0) + 1 from batches where waiting > 0)";

/** A cost stays null until one is known. */
const addition = "completed = completed + ?, failed = failed + ?, cost = coalesce(cost + ?, cost, ?)";

function valuesOf({ completed, failed, cost }: Counted): readonly [number, number, number | null, number | null] {
  return [completed, failed, cost ?? null, cost ?? null];
}
