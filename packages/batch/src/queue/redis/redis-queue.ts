import { randomUUID } from "node:crypto";

import type { Queue } from "../../contract.ts";
import { redisBatches } from "./batches.ts";
import { RedisConnection } from "./connection.ts";
import { redisFiles } from "./files.ts";
import { loadRedisPackages } from "./optional-packages.ts";
import type { RedisAddress } from "./redis-address.ts";
import { RedisWorker } from "./redis-worker.ts";
import { RedisShards } from "./shards.ts";
import { redisUploads } from "./uploads.ts";

/**
 * A queue for any number of machines, in Redis or Valkey.
 * @throws DheeraError `unavailable` where it cannot be reached, or its packages are not installed
 */
export async function openRedisQueue(address: RedisAddress): Promise<Queue> {
  const packages = await loadRedisPackages();
  const redis = await RedisConnection.open(packages, address);
  const shards = new RedisShards(redis);
  const worker = new RedisWorker(packages, redis, shards);
  const batches = redisBatches(redis);
  return {
    async identity() {
      const key = redis.key("identity");
      await redis.ask(() => redis.client.set(key, randomUUID(), "NX"));
      const id = await redis.ask(() => redis.client.get(key));
      if (id === null) throw new Error("the queue has no identity");
      return id;
    },
    ...redisUploads(redis),
    ...redisFiles(redis),
    ...batches,
    async removeBatch(id) {
      // The record last: where this is interrupted it is found again.
      await worker.forget(id);
      await batches.removeBatch(id);
    },
    addShards: (batchId, added) => worker.add(batchId, added),
    resultsOf: (batchId, kind) => shards.results(batchId, kind),
    forgetShards: (batchId) => worker.forget(batchId),
    unforgotten: () => worker.unforgotten(),
    take: (signal, except) => worker.take(signal, except ?? new Set()),
    depth: () => worker.depth(),
    async close() {
      await worker.close();
      await redis.close();
    },
  };
}
