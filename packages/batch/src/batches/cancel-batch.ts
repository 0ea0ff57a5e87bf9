import type { Context } from "../context.ts";
import type { BatchRecord } from "../contract.ts";
import { withoutPause } from "./finish-batch.ts";

/** Workers notice within a second or two; what has ended until then stays in the output. Without effect on what has ended. */
export async function cancelBatch({ queue, now }: Context, id: string): Promise<BatchRecord | undefined> {
  return await queue.changeBatch(id, (batch) =>
    batch.status === "validating" || batch.status === "in_progress"
      ? { ...withoutPause(batch), status: "cancelling", cancellingAt: now() }
      : undefined,
  );
}

/** Gives up what has not ended of a batch whose time has passed. */
export async function expireBatch({ queue, now }: Context, id: string): Promise<BatchRecord | undefined> {
  return await queue.changeBatch(id, (batch) =>
    (batch.status === "validating" || batch.status === "in_progress") &&
    now() >= batch.expiresAt &&
    batch.shardsEnded < batch.shards
      ? { ...withoutPause(batch), status: "finalizing", finalizingAt: now(), expiredAt: now() }
      : undefined,
  );
}
