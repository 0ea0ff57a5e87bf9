import { DheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";
import type { BatchRecord } from "../contract.ts";
import { newBatchId } from "../ids.ts";
import { inputShard } from "./check-input.ts";

/** A batch that is asked for. */
export interface NewBatch {
  readonly owner: string;
  readonly inputFileId: string;
  /** `/v1/rerank`, `/v2/rerank` or `/rerank`. */
  readonly endpoint: string;
  /** `24h`; any number of minutes, hours or days: `30m`, `7d`. */
  readonly completionWindow: string;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds after which the files that it makes are deleted; default: the setting. */
  readonly outputExpiresAfter?: number | undefined;
}

/** Where the lines of a batch may be sent. */
export const batchEndpoints: readonly string[] = ["/v1/rerank", "/v2/rerank", "/rerank"];

/**
 * The batch, whose input a worker checks next.
 * @throws DheeraError `invalid_request` that names the field, `rate_limited` where too many of its owner have not ended
 */
export async function createBatch(context: Context, asked: NewBatch): Promise<BatchRecord> {
  const { queue, now } = context;
  if (!batchEndpoints.includes(asked.endpoint)) {
    throw refusal("endpoint", `it must be one of ${batchEndpoints.join(", ")}`);
  }
  const window = readWindow(asked.completionWindow);
  const metadata = checkMetadata(asked.metadata ?? {});
  const file = await queue.findFile(asked.inputFileId);
  const isGone = !file || (file.expiresAt ?? Infinity) <= now();
  if (isGone || (asked.owner !== "" && file.owner !== asked.owner)) {
    throw refusal("input_file_id", "there is no such file; upload it first");
  }
  if (file.purpose !== "batch") throw refusal("input_file_id", `a file with the purpose "batch" is needed`);
  const createdAt = now();
  const batch: BatchRecord = {
    id: newBatchId(),
    owner: asked.owner,
    status: "validating",
    inputFileId: file.id,
    endpoint: asked.endpoint,
    completionWindow: asked.completionWindow,
    metadata,
    counts: { total: 0, completed: 0, failed: 0 },
    problems: [],
    shards: 1,
    shardsEnded: 0,
    createdAt,
    expiresAt: createdAt + window,
    ...(asked.outputExpiresAfter !== undefined && { outputExpiresAfter: asked.outputExpiresAfter }),
  };
  const mostOpen = context.settings.maxOpenBatchesPerOwner;
  if (!(await queue.saveBatch(batch, mostOpen))) throw tooMany(mostOpen);
  // From now on nobody removes its input. It may have gone since it was found.
  if (!(await queue.findFile(file.id))) {
    await queue.removeBatch(batch.id);
    throw refusal("input_file_id", "there is no such file any more; upload it again");
  }
  // Where the process dies before this, whoever works adds it.
  await queue.addShards(batch.id, [inputShard]);
  return batch;
}

function tooMany(most: number): DheeraError {
  return new DheeraError(
    "rate_limited",
    `${most} batches of this key have not ended, and no more may be open at one time (batch_settings.max_open_batches_per_key); wait for one to end, cancel one, or put more lines into each`,
    { retryAfter: 60 },
  );
}

/** Milliseconds. */
function readWindow(window: string): number {
  const [, count = "", unit = ""] = /^(\d{1,4})([mhd])$/.exec(window) ?? [];
  const milliseconds = Number(count) * (unit === "m" ? 60_000 : unit === "h" ? 3_600_000 : 86_400_000);
  if (count === "" || milliseconds === 0 || milliseconds > longestWindow) {
    throw refusal(
      "completion_window",
      "it must be a time such as 24h; minutes (m), hours (h) and days (d), 30 days at most",
    );
  }
  return milliseconds;
}

const longestWindow = 30 * 86_400_000;

function checkMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata);
  if (entries.length > 16) throw refusal("metadata", "it may have 16 keys at most");
  for (const [key, value] of entries) {
    if (key.length > 64) throw refusal("metadata", "its keys may have 64 characters at most");
    if (value.length > 512) throw refusal("metadata", "its values may have 512 characters at most");
  }
  return metadata;
}

function refusal(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}
