import { type InferOutput, nullable, number, object, string } from "valibot";

import type { BatchRecord, Page } from "../../contract.ts";
import { withCounts } from "../counted.ts";
import type { BatchQueue } from "../queue-parts.ts";
import { endOf, isOpen, readBatch } from "../records.ts";
import type { SqliteDatabase } from "./database.ts";
import { clausesOf } from "./page.ts";

const columns = "number, record, completed, failed, cost, shards_ended";

const batchRow = object({
  number: number(),
  record: string(),
  completed: number(),
  failed: number(),
  cost: nullable(number()),
  shards_ended: number(),
});

/** Open batches that are read at once. */
const chunk = 100;

export function sqliteBatches(db: SqliteDatabase): BatchQueue {
  function find(id: string): BatchRecord | undefined {
    const [row] = db.rows(batchRow, `select ${columns} from batches where id = ?`, id);
    return row && toBatch(row);
  }

  function openOf(owner: string): number {
    const [row] = db.rows(
      object({ open: number() }),
      "select count(*) as open from batches where owner = ? and is_open",
      owner,
    );
    return row?.open ?? 0;
  }

  return {
    saveBatch(batch: BatchRecord, mostOpen = Infinity): Promise<boolean> {
      const { id, owner, createdAt, counts, cost, shardsEnded } = batch;
      return db.changeDurably(() => {
        if (mostOpen !== Infinity && find(id) === undefined && openOf(owner) >= mostOpen) return false;
        db.run(
          `insert into batches (id, owner, created_at, is_open, ended_at, record, completed, failed, cost, shards_ended)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          on conflict (id) do update set is_open = excluded.is_open, ended_at = excluded.ended_at, record = excluded.record`,
          id,
          owner,
          createdAt,
          Number(isOpen(batch)),
          endOf(batch) ?? null,
          JSON.stringify(batch),
          counts.completed,
          counts.failed,
          cost ?? null,
          shardsEnded,
        );
        return true;
      });
    },

    findBatch(id: string): Promise<BatchRecord | undefined> {
      return db.read(() => find(id));
    },

    async changeBatch(
      id: string,
      change: (batch: BatchRecord) => BatchRecord | undefined,
    ): Promise<BatchRecord | undefined> {
      // Where there is nothing to change nobody waits for the disk.
      const seen = await db.read(() => find(id));
      if (seen === undefined || change(seen) === undefined) return seen;
      return db.changeDurably(() => {
        const found = find(id);
        const changed = found && change(found);
        if (changed === undefined) return found;
        db.run(
          "update batches set record = ?, is_open = ?, ended_at = ? where id = ?",
          JSON.stringify(changed),
          Number(isOpen(changed)),
          endOf(changed) ?? null,
          id,
        );
        return find(id);
      });
    },

    listBatches(page: Page): Promise<readonly BatchRecord[]> {
      return db.read(() => {
        const { text, values } = clausesOf(db, "batches", page);
        return db.rows(batchRow, `select ${columns} from batches ${text}`, ...values).map(toBatch);
      });
    },

    async *openBatches(): AsyncIterable<BatchRecord> {
      for (let last = 0; ;) {
        const rows = await db.read(() =>
          db.rows(
            batchRow,
            `select ${columns} from batches where is_open and number > ? order by number limit ?`,
            last,
            chunk,
          ),
        );
        yield* rows.map(toBatch);
        const newest = rows.at(-1);
        if (newest === undefined) return;
        last = newest.number;
      }
    },

    endedBatches(before: number, limit: number): Promise<readonly BatchRecord[]> {
      return db.read(() =>
        db
          .rows(
            batchRow,
            `select ${columns} from batches where ended_at < ? order by ended_at, number limit ?`,
            before,
            limit,
          )
          .map(toBatch),
      );
    },

    async noteEnded(): Promise<void> {
      const unnoted = "not is_open and ended_at is null";
      // Where there is none nobody waits for the disk.
      const found = await db.read(() =>
        db.rows(object({ number: number() }), `select number from batches where ${unnoted} limit 1`),
      );
      if (found.length === 0) return;
      await db.changeDurably(() => {
        for (const row of db.rows(batchRow, `select ${columns} from batches where ${unnoted}`))
          db.run("update batches set ended_at = ? where number = ?", endOf(toBatch(row)) ?? null, row.number);
      });
    },

    async removeBatch(id: string): Promise<void> {
      await db.changeDurably(() => {
        db.run("delete from shards where batch = (select number from batches where id = ?)", id);
        db.run("delete from batches where id = ?", id);
      });
    },

    async linesLeft(): Promise<number> {
      const [row] = await db.read(() =>
        db.rows(
          object({ lines: number() }),
          "select total(json_extract(record, '$.counts.total') - completed - failed) as lines from batches where is_open",
        ),
      );
      return Math.max(0, row?.lines ?? 0);
    },
  };
}

function toBatch({ record, completed, failed, cost, shards_ended }: InferOutput<typeof batchRow>): BatchRecord {
  return withCounts(readBatch(record), { completed, failed, cost: cost ?? undefined, shardsEnded: shards_ended });
}
