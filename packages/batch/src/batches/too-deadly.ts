import type { BatchRecord } from "../contract.ts";

/** Each of them has cost about four processes, and what other batches were asked in them. */
const mostDeadly = 20;

/** Why what has not ended of the batch is given up. */
export const tooDeadly: { readonly code: string; readonly message: string } = {
  code: "worker_lost",
  message: `The batch was given up: ${mostDeadly} of its lines ended each process that worked on them. Look at those in the error file before you send it again.`,
};

/** Whether no process may be lost for it any more. */
export function isTooDeadly({ deadly = [] }: BatchRecord): boolean {
  return deadly.length >= mostDeadly;
}

/** Undefined where that is known, or enough is. */
export function withDeadly(batch: BatchRecord, names: readonly string[]): BatchRecord | undefined {
  const { deadly = [] } = batch;
  const fresh = names.filter((name) => !deadly.includes(name));
  if (fresh.length === 0 || isTooDeadly(batch)) return undefined;
  return { ...batch, deadly: [...deadly, ...fresh] };
}
