import { join } from "node:path";

import type { Queue } from "./contract.ts";
import { openSqliteQueue } from "./queue/sqlite/sqlite-queue.ts";

/**
 * @param where a folder of this machine, which gets a SQLite file
 * @throws DheeraError `unavailable` where it cannot be used
 */
export async function openQueue(where: string): Promise<Queue> {
  return openSqliteQueue(join(where, "queue.db"));
}
