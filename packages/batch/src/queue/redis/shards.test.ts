import { expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { startRedisServer } from "../../../../../test/support/redis-server.ts";
import { batchOf, keptOf } from "../../testing/records.ts";
import { redisBatches } from "./batches.ts";
import { RedisConnection } from "./connection.ts";
import { loadRedisPackages } from "./optional-packages.ts";
import { RedisShards } from "./shards.ts";

it(
  "a shard that is finished twice by one attempt, because its answer was lost, counts once",
  needs("redis-server"),
  async () => {
    await using server = await startRedisServer();
    const redis = await RedisConnection.open(await loadRedisPackages(), { url: server.url });
    const [shards, batches, batch] = [new RedisShards(redis), redisBatches(redis), batchOf()];
    await batches.saveBatch(batch);
    const held = { batchId: batch.id, shard: 0 };
    expect(await shards.begin(held, "attempt")).toEqual({ deaths: 0 });
    await shards.keep(held, "attempt", [keptOf(0)]);
    for (let time = 0; time < 2; time++)
      expect(await shards.finish(held, "attempt", { completed: 2, failed: 1 })).toBe(true);
    expect(await shards.finish(held, "another", { completed: 2, failed: 1 })).toBe(false);
    expect(await shards.begin(held, "another")).toBeUndefined();
    expect(await batches.findBatch(batch.id)).toMatchObject({ counts: { completed: 2, failed: 1 }, shardsEnded: 1 });
    await redis.close();
  },
);
