import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { openQueue } from "../../open-queue.ts";
import { batchOf, shardsOf } from "../../testing/records.ts";
import { steps } from "./tables.ts";

it("a file that an earlier release has made keeps what is in it and gets what was added since", async () => {
  await using folder = await createFolder();
  const [ended, open] = [batchOf({ status: "completed", owner: "key" }), batchOf({ owner: "key" })];
  const earlier = new DatabaseSync(join(folder.path, "queue.db"));
  earlier.exec(steps[0] ?? "");
  for (const batch of [ended, open])
    earlier
      .prepare(
        `insert into batches (id, owner, created_at, is_open, record, completed, failed, shards_ended)
        values (?, ?, ?, ?, ?, 0, 0, 0)`,
      )
      .run(batch.id, batch.owner, batch.createdAt, Number(batch.status === "in_progress"), JSON.stringify(batch));
  earlier.exec("pragma user_version = 1");
  earlier.close();

  const queue = await openQueue(folder.path);
  expect(await queue.findBatch(open.id)).toEqual(open);
  expect(await queue.endedBatches(Date.now(), 10)).toEqual([ended]);
  expect(await queue.saveBatch(batchOf({ owner: "key" }), 1)).toBe(false);
  expect(await queue.stored()).toEqual({ files: 0, bytes: 0, uploads: 0 });
  await queue.close();
  await (await openQueue(folder.path)).close();
});

it("a batch that a process of an earlier release has ended, which still had the file open, gets the time of its end", async () => {
  await using folder = await createFolder();
  const queue = await openQueue(folder.path);
  const [batch, open] = [batchOf({ owner: "key" }), batchOf({ owner: "key" })];
  for (const each of [batch, open]) await queue.saveBatch(each);
  const ended = { ...batch, status: "completed", completedAt: batch.createdAt + 1_000 } as const;
  const earlier = new DatabaseSync(join(folder.path, "queue.db"));
  earlier.prepare("update batches set record = ?, is_open = 0 where id = ?").run(JSON.stringify(ended), batch.id);
  earlier.close();
  expect(await queue.endedBatches(Date.now(), 10)).toEqual([]);
  for (let time = 0; time < 2; time++) {
    await queue.noteEnded();
    expect(await queue.endedBatches(ended.completedAt, 10)).toEqual([]);
    expect(await queue.endedBatches(ended.completedAt + 1, 10)).toEqual([ended]);
  }
  await queue.close();
});

it("a file that a newer release has made is refused", async () => {
  await using folder = await createFolder();
  const newer = new DatabaseSync(join(folder.path, "queue.db"));
  newer.exec(`pragma user_version = ${steps.length + 1}`);
  newer.close();
  await expect(openQueue(folder.path)).rejects.toThrow("a newer release has made it; use that one");
});

it("what is there already is not written again", async () => {
  await using folder = await createFolder();
  const queue = await openQueue(folder.path);
  const batch = batchOf();
  await queue.saveBatch(batch);
  await queue.addShards(batch.id, shardsOf(3));
  const log = join(folder.path, "queue.db-wal");
  const before = await stat(log);
  await queue.addShards(batch.id, shardsOf(3));
  await queue.changeBatch(batch.id, () => undefined);
  const after = await stat(log);
  expect([after.size, after.mtimeMs]).toEqual([before.size, before.mtimeMs]);
  await queue.addShards(batch.id, shardsOf(4));
  expect((await stat(log)).size).toBeGreaterThan(before.size);
  await queue.close();
});
