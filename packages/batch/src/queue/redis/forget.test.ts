import { Redis } from "ioredis";
import { expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { startRedisServer } from "../../../../../test/support/redis-server.ts";
import { eventually } from "../../../../../test/support/eventually.ts";
import { openQueue } from "../../open-queue.ts";
import { openDeadlyWay } from "../../testing/deadly-way.ts";
import { batchOf, collected, keptOf, partOf, shardsOf } from "../../testing/records.ts";
import { startWorker } from "../../testing/worker.ts";

it(
  "what is left of a batch by a process that is killed while it forgets its shards, at whatever command, is found and forgotten",
  { ...needs("redis-server"), timeout: 300_000 },
  async () => {
    await using server = await startRedisServer();
    await using way = await openDeadlyWay(server.port);
    const queue = await openQueue(server.url);
    const redis = new Redis(server.url);
    let crashesInBetween = 0;
    for (let commands = 0, isOver = false; !isOver; commands++) {
      const batch = batchOf();
      await queue.saveBatch(batch);
      await queue.addShards(batch.id, shardsOf(3));
      const [first, second] = [await queue.take(endless), await queue.take(endless)];
      await first?.finish({ completed: 1, failed: 0, output: partOf("a") });
      await second?.keep([keptOf(0)]);
      await queue.changeBatch(batch.id, (found) => ({ ...found, status: "completed" }));
      const before = await keysOf(redis, batch.id);

      await using worker = startWorker(way.url, "forget", batch.id);
      way.killAfter(commands, () => void worker.kill());
      isOver = await worker.said().then(
        () => true,
        () => false,
      );
      const left = await keysOf(redis, batch.id);
      if (isOver) await eventually(() => keysOf(redis, batch.id)).toEqual([]);
      else if (left.length > 0) expect(await collected(queue.unforgotten())).toEqual([batch.id]);
      if (left.length > 0 && left.length < before.length) crashesInBetween++;
      // As whoever keeps house does, again and again: a process that looked at the batch before may have noted it once more.
      await eventually(async () => {
        for (const id of await collected(queue.unforgotten())) await queue.forgetShards(id);
        return [...(await keysOf(redis, batch.id)), ...(await collected(queue.unforgotten()))];
      }).toEqual([]);
      expect(await queue.findBatch(batch.id)).toMatchObject({ status: "completed", shardsEnded: 1 });
    }
    expect(crashesInBetween).toBeGreaterThan(0);
    redis.disconnect();
    await queue.close();
  },
);

const endless: AbortSignal = new AbortController().signal;

/** Of what only workers need, without locks and the like, which end by themselves. */
async function keysOf(redis: Redis, batchId: string): Promise<readonly string[]> {
  const keys = await redis.keys(`*${batchId}*`);
  const times = await Promise.all(keys.map((key) => redis.pttl(key)));
  return keys.filter((key, at) => times[at] === -1 && !key.endsWith(`:batch:${batchId}`)).toSorted();
}
