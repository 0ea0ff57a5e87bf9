import { type Batches, type S3Settings, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { isDheeraError } from "@dheera-ai/core";

import type { RedisAddress } from "../access/limits/redis-address.ts";
import type { BatchSettings } from "../config/config.ts";

/** Files and batches of this process, and what it has done for them. */
export interface GatewayBatches {
  readonly batches: Batches;
  readonly figures: BatchFigures;
  /** `waiting`: something was in the way of this process's work within the last minute. `elsewhere`: it does none. */
  state(): "running" | "waiting" | "elsewhere";
  close(): Promise<void>;
}

/** Since this process began. */
export interface BatchFigures {
  readonly lines: { completed: number; failed: number };
  uploadedBytes: number;
  downloadedBytes: number;
  isWorking: boolean;
  /** By `performance.now()`; -Infinity where nothing was ever in the way. */
  lastTrouble: number;
}

/**
 * Opens what `batch_settings` names.
 * @throws Error naming the setting
 */
export async function openGatewayBatches(
  storage: string,
  settings: BatchSettings,
  redis: RedisAddress | undefined,
): Promise<GatewayBatches> {
  const store = await openStore(storage, bucketOf(settings)).catch(refuse("storage"));
  const queue = await openQueue(redis ?? storage).catch(async (error: unknown) => {
    await store.close();
    return refuse("queue")(error);
  });
  const batches = openBatches({
    store,
    queue,
    settings: {
      maxFileBytes: settings.max_file_bytes,
      maxLines: settings.max_lines,
      maxLineBytes: settings.max_line_bytes,
      maxBytesPerOwner: settings.max_bytes_per_key,
      filesExpireAfter: settings.files_expire_after * 1_000,
      maxOpenUploads: settings.max_open_uploads,
      maxOpenUploadsPerOwner: settings.max_open_uploads_per_key,
      maxOpenBatchesPerOwner: settings.max_open_batches_per_key,
      batchesExpireAfter: settings.batches_expire_after * 1_000,
    },
  });
  const figures: BatchFigures = {
    lines: { completed: 0, failed: 0 },
    uploadedBytes: 0,
    downloadedBytes: 0,
    isWorking: false,
    lastTrouble: Number.NEGATIVE_INFINITY,
  };
  return {
    batches,
    figures,
    state() {
      if (!figures.isWorking) return "elsewhere";
      return performance.now() - figures.lastTrouble < troubledMs ? "waiting" : "running";
    },
    close: () => batches.close(),
  };
}

const troubledMs = 60_000;

function bucketOf(settings: BatchSettings): S3Settings {
  const { s3_endpoint_url, s3_region_name, s3_access_key_id, s3_secret_access_key } = settings;
  return {
    endpointUrl: s3_endpoint_url,
    regionName: s3_region_name,
    accessKeyId: s3_access_key_id,
    secretAccessKey: s3_secret_access_key,
  };
}

function refuse(setting: "storage" | "queue"): (error: unknown) => never {
  return (error) => {
    if (!isDheeraError(error)) throw error;
    throw new Error(`batch_settings.${setting}: ${error.message}`, { cause: error });
  };
}
