import { join } from "node:path";

import { expect, it } from "vitest";

import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { batchOf, keptOf, shardsOf } from "../../testing/records.ts";
import { sqliteBatches } from "./batches.ts";
import { SqliteDatabase } from "./database.ts";
import { SqliteShards } from "./shards.ts";

it("a shard that is finished twice by one attempt, because its answer was lost, counts once", async () => {
  await using folder = await createFolder();
  const db = await SqliteDatabase.open(join(folder.path, "queue.db"));
  const [shards, batches, batch] = [new SqliteShards(db), sqliteBatches(db), batchOf()];
  await batches.saveBatch(batch);
  await shards.add(batch.id, shardsOf(1));
  const held = await shards.take("worker", "attempt", new Set());
  if (held === undefined) throw new Error("nothing to take");
  await shards.keep(held, [keptOf(0)]);
  for (let time = 0; time < 2; time++) expect(await shards.finish(held, { completed: 2, failed: 1 })).toBe(true);
  expect(await shards.finish({ ...held, attempt: "another" }, { completed: 2, failed: 1 })).toBe(false);
  expect(await batches.findBatch(batch.id)).toMatchObject({ counts: { completed: 2, failed: 1 }, shardsEnded: 1 });
  await db.close();
});
