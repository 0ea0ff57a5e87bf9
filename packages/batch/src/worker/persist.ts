import { isDheeraError } from "@dheera-ai/core";
import { sleep } from "@dheera-ai/core/provider-utils";

import { operatorsMessage } from "../out-of-service.ts";
import type { WatchedBatch } from "./watched-batch.ts";

/**
 * Tries until it works, with growing waits: a disk that is full has room some day, a queue that is away comes back. Meanwhile nothing more
 * is asked of the batch, which says why.
 * @throws what cannot be helped by trying again; the signal's reason
 */
export async function persist<T>(
  batch: WatchedBatch,
  signal: AbortSignal,
  onTrouble: ((message: string, cause: unknown) => void) | undefined,
  act: () => Promise<T>,
): Promise<T> {
  let unblock: (() => void) | undefined;
  try {
    for (let wait = 250; ; wait = Math.min(2 * wait, 10_000)) {
      try {
        return await act();
      } catch (error) {
        if (signal.aborted || (isDheeraError(error) && !error.retryable)) throw error;
        const reason = isDheeraError(error) ? error.message : "What keeps batches does not answer.";
        onTrouble?.(`${batch.id} waits: ${isDheeraError(error) ? operatorsMessage(error) : reason}`, error);
        const previous = unblock;
        unblock = batch.block(reason);
        previous?.();
        await sleep(wait, signal);
      }
    }
  } finally {
    unblock?.();
  }
}
