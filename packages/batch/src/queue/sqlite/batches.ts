import { type InferOutput, nullable, number, object, string } from "valibot";

import type { BatchRecord, Page } from "../../contract.ts";
import { withCounts } from "../counted.ts";
import type { BatchQueue } from "../queue-parts.ts";
import { isOpen, readBatch } from "../records.ts";
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

  return {
    async saveBatch(batch: BatchRecord): Promise<void> {
      const { id, owner, createdAt, counts, cost, shardsEnded } = batch;
      await db.changeDurably(() =>
        db.run(
          `insert into batches (id, owner, created_at, is_open, record, completed, failed, cost, shards_ended)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?)
          on conflict (id) do update set is_open = excluded.is_open, record = excluded.record`,
          id,
          owner,
          createdAt,
          Number(isOpen(batch)),
          JSON.stringify(batch),
          counts.completed,
          counts.failed,
          cost ?? null,
          shardsEnded,
        ),
      );
    },

    findBatch(id: string): Promise<BatchRecord | undefined> {
      return db.read(() => find(id));
    },

    async changeBatch(
      id: string,
      change: (batch: BatchRecord) => BatchRecord | undefined,
    ): Promise<BatchRecord | undefined> {
      return db.changeDurably(() => {
        const found = find(id);
        const changed = found && change(found);
        if (changed === undefined) return found;
        db.run(
          "update batches set record = ?, is_open = ? where id = ?",
          JSON.stringify(changed),
          Number(isOpen(changed)),
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
  };
}

function toBatch({ record, completed, failed, cost, shards_ended }: InferOutput<typeof batchRow>): BatchRecord {
  return withCounts(readBatch(record), { completed, failed, cost: cost ?? undefined, shardsEnded: shards_ended });
}
