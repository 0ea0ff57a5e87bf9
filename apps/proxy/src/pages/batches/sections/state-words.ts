import { stateMark } from "../../parts/words.ts";
import type { Batch } from "../calls/objects.ts";

const words = {
  validating: "checking its lines",
  failed: "refused",
  in_progress: "running",
  finalizing: "writing its files",
  completed: "completed",
  expired: "out of time",
  cancelling: "being cancelled",
  cancelled: "cancelled",
} as const satisfies Record<Batch["status"], string>;

const ended: ReadonlySet<Batch["status"]> = new Set(["failed", "completed", "expired", "cancelled"]);

/** Whether nothing of it changes any more. */
export function hasEnded({ status }: Pick<Batch, "status">): boolean {
  return ended.has(status);
}

export function stateWords({ status, paused_for }: Pick<Batch, "status" | "paused_for">): string {
  return paused_for === null || ended.has(status) ? words[status] : "paused";
}

export function batchMark(batch: Pick<Batch, "status" | "paused_for">): HTMLElement {
  const text = stateWords(batch);
  return stateMark(text === "paused" ? text : batch.status, text);
}

/** Lines that have an answer or an error. */
export function endedLines({ request_counts: { completed, failed } }: Pick<Batch, "request_counts">): number {
  return completed + failed;
}

/** 0 to 1. */
export function shareDone(batch: Pick<Batch, "request_counts" | "status">): number {
  const { total } = batch.request_counts;
  if (total === 0) return batch.status === "completed" ? 1 : 0;
  return Math.min(1, endedLines(batch) / total);
}
