import { type Batches, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { isDheeraError } from "@dheera-ai/core";

import type { BatchSettings } from "../config/config.ts";

/** Files and batches of this process, and what it has done for them. */
export interface GatewayBatches {
  readonly batches: Batches;
  readonly figures: BatchFigures;
  close(): Promise<void>;
}

/** Since this process began. */
export interface BatchFigures {
  readonly lines: { completed: number; failed: number };
  uploadedBytes: number;
  downloadedBytes: number;
  /** `waiting`: something is in the way of this process's work. `elsewhere`: it does none. */
  state: "running" | "waiting" | "elsewhere";
}

/**
 * Opens what `batch_settings` names.
 * @throws Error naming the setting
 */
export async function openGatewayBatches(storage: string, settings: BatchSettings): Promise<GatewayBatches> {
  const store = await openStore(storage).catch(refuse);
  try {
    const queue = await openQueue(storage);
    const batches = openBatches({
      store,
      queue,
      settings: {
        maxFileBytes: settings.max_file_bytes,
        maxLines: settings.max_lines,
        maxLineBytes: settings.max_line_bytes,
        maxBytesPerOwner: settings.max_bytes_per_key,
        filesExpireAfter: settings.files_expire_after * 1_000,
      },
    });
    return {
      batches,
      figures: { lines: { completed: 0, failed: 0 }, uploadedBytes: 0, downloadedBytes: 0, state: "elsewhere" },
      close: () => batches.close(),
    };
  } catch (error) {
    await store.close();
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  if (!isDheeraError(error)) throw error;
  throw new Error(`batch_settings.storage: ${error.message}`, { cause: error });
}
