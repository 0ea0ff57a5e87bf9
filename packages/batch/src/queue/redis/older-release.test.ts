import { Redis } from "ioredis";
import { expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { startRedisServer } from "../../../../../test/support/redis-server.ts";
import type { BatchRecord } from "../../contract.ts";
import { openQueue } from "../../open-queue.ts";
import { batchOf } from "../../testing/records.ts";

it(
  "batches that a worker of an earlier release has ended give their owner's places back, however many they are",
  needs("redis-server"),
  async () => {
    await using server = await startRedisServer();
    const queue = await openQueue(server.url);
    const redis = new Redis(server.url);
    const batches = Array.from({ length: 620 }, () => batchOf({ owner: "key" }));
    await Promise.all(batches.map((batch) => queue.saveBatch(batch)));
    const [left] = batches.splice(100, 1);
    await Promise.all(batches.map((batch) => endLikeEarlier(redis, batch)));
    expect(await queue.saveBatch(batchOf({ owner: "key" }), 2)).toBe(false);
    expect(await queue.endedBatches(Date.now(), 1)).toEqual([]);

    for (let time = 0; time < 2; time++) {
      await queue.noteEnded();
      const ended = await queue.endedBatches(Date.now(), 1_000);
      expect(ended.map(({ id }) => id)).toEqual(batches.map(({ id }) => id));
    }
    expect(await queue.findBatch(left?.id ?? "")).toEqual(left);
    expect(await queue.saveBatch(batchOf({ owner: "key" }), 1)).toBe(false);
    expect(await queue.saveBatch(batchOf({ owner: "key" }), 2)).toBe(true);
    redis.disconnect();
    await queue.close();
  },
);

/** It knew neither the places of an owner nor the times of ends. */
async function endLikeEarlier(redis: Redis, batch: BatchRecord): Promise<void> {
  const [key = ""] = await redis.keys(`*:batch:${batch.id}`);
  const ended = { ...batch, status: "completed", completedAt: batch.createdAt + 1_000 };
  await redis.hset(key, "record", JSON.stringify(ended));
  await redis.hincrby(key, "version", 1);
  await redis.zrem(key.replace(`:batch:${batch.id}`, ":batches:open"), batch.id);
}
