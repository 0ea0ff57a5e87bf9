import type { BatchRecord } from "@dheera-ai/batch";

import { seconds } from "./file-object.ts";

/** A batch as OpenAI answers it, with what it has cost so far and why it waits, which OpenAI does not say. */
export function batchObject(batch: BatchRecord): object {
  const { problems, counts, metadata } = batch;
  const at = (milliseconds: number | undefined): number | null =>
    milliseconds === undefined ? null : seconds(milliseconds);
  return {
    id: batch.id,
    object: "batch",
    endpoint: batch.endpoint,
    errors: problems.length === 0 ? null : { object: "list", data: problems.map(problemObject) },
    model: batch.model ?? null,
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status: batch.status,
    output_file_id: batch.outputFileId ?? null,
    error_file_id: batch.errorFileId ?? null,
    created_at: seconds(batch.createdAt),
    in_progress_at: at(batch.inProgressAt),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: at(batch.finalizingAt),
    completed_at: at(batch.completedAt),
    failed_at: at(batch.failedAt),
    // While its files are made it has not expired yet: it is finalizing.
    expired_at: batch.status === "expired" ? at(batch.expiredAt) : null,
    cancelling_at: at(batch.cancellingAt),
    cancelled_at: at(batch.cancelledAt),
    request_counts: { total: counts.total, completed: counts.completed, failed: counts.failed },
    metadata: Object.keys(metadata).length === 0 ? null : metadata,
    cost: batch.cost ?? null,
    paused_for: batch.pausedFor ?? null,
  };
}

function problemObject({ code, message, line, param }: BatchRecord["problems"][number]): object {
  return { code, message, param: param ?? null, line: line ?? null };
}
