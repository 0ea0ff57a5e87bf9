import { join } from "node:path";

import type { Queue } from "./contract.ts";
import { forOperators } from "./out-of-service.ts";
import type { RedisAddress } from "./queue/redis/redis-address.ts";
import { openRedisQueue } from "./queue/redis/redis-queue.ts";
import { openSqliteQueue } from "./queue/sqlite/sqlite-queue.ts";

/**
 * @param where a folder of this machine, which gets a SQLite file, for the processes of one machine; or a Redis or Valkey
 * (`redis://…`, `rediss://…`, `valkey://…`, or its address in fields) for any number of machines
 * @throws DheeraError `unavailable` where it cannot be used, or packages that it needs are not installed
 */
export async function openQueue(where: string | RedisAddress): Promise<Queue> {
  return forOperators(openedOf(where));
}

function openedOf(where: string | RedisAddress): Promise<Queue> {
  if (typeof where !== "string") return openRedisQueue(where);
  if (/^(redis|valkey)s?:/.test(where)) return openRedisQueue({ url: where });
  return openSqliteQueue(join(where, "queue.db"));
}
