import { isDheeraError } from "@dheera-ai/core";
import { sleep } from "@dheera-ai/core/provider-utils";

import { expireBatch } from "../batches/cancel-batch.ts";
import { inputShard } from "../batches/check-input.ts";
import { finishBatch } from "../batches/finish-batch.ts";
import type { Context } from "../context.ts";
import type { BatchRecord } from "../contract.ts";
import { operatorsMessage } from "../out-of-service.ts";
import { checkStore, removeExpiredFiles, removeOldBatches, sweep } from "./sweep.ts";

const tendMs = 5_000;
const sweepMs = 3_600_000;
/** Workers of an older release may run beside this one for as long as an upgrade takes. */
const noteMs = 600_000;

/**
 * Does what a process that died has left undone: adds the check of a new batch, ends what has ended or whose time has passed, removes
 * files and parts that nobody needs. Every worker does all of it, and twice has no effect.
 */
export function keepHouse(
  context: Context,
  onTrouble: (message: string, cause: unknown) => void,
): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  const attempt = async (what: string, act: () => Promise<void>): Promise<void> =>
    await act().catch((error: unknown) => {
      if (!signal.aborted) onTrouble(isDheeraError(error) ? `${what}: ${operatorsMessage(error)}` : what, error);
    });
  const again = async (what: string, milliseconds: number, act: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      // Not all workers of a machine at one time.
      await sleep(milliseconds * (0.5 + Math.random()), signal, "background").catch(() => undefined);
      if (signal.aborted) return;
      await attempt(what, act);
    }
  };
  const noteEnded = async (): Promise<void> => await context.queue.noteEnded();
  const unnoted = "Batches that another release has ended are not noted";
  const claimed = checkStore(context).catch((error: unknown) => {
    if (!signal.aborted)
      onTrouble(isDheeraError(error) ? operatorsMessage(error) : "The storage is not known to be this queue's", error);
  });
  const running = Promise.all([
    claimed,
    again("Batches are not tended", tendMs, async () => await tendBatches(context, signal)),
    again("Files that have expired are not removed", tendMs, async () => await removeExpiredFiles(context, signal)),
    again("Batches that ended long ago are not removed", tendMs, async () => await removeOldBatches(context, signal)),
    attempt(unnoted, noteEnded).then(() => again(unnoted, noteMs, noteEnded)),
    again("Parts that nobody needs are not removed", sweepMs, async () => await sweep(context, signal)),
  ]);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function tendBatches(context: Context, signal: AbortSignal): Promise<void> {
  for await (const batch of context.queue.openBatches()) {
    signal.throwIfAborted();
    await tend(context, batch);
  }
  for await (const id of context.queue.unforgotten()) {
    signal.throwIfAborted();
    await finishBatch(context, id);
  }
}

async function tend(context: Context, batch: BatchRecord): Promise<void> {
  const { queue, now } = context;
  if (batch.shardsEnded === 0) await queue.addShards(batch.id, [inputShard]);
  if (now() >= batch.expiresAt) await expireBatch(context, batch.id);
  if (batch.shardsEnded >= batch.shards) await finishBatch(context, batch.id);
}
