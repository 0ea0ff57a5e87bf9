import type { BatchRecord, KeptLine } from "../contract.ts";

/** What a queue counts for a batch while its lines end. */
export interface Counted {
  readonly completed: number;
  readonly failed: number;
  readonly cost: number | undefined;
}

export function countLines(lines: readonly KeptLine[]): Counted {
  const failed = lines.filter((line) => line.isError).length;
  const costs = lines.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  const cost = costs.length === 0 ? undefined : costs.reduce((sum, each) => sum + each, 0);
  return { completed: lines.length - failed, failed, cost };
}

/** The record with what the queue has counted, in place of what its writer believed. */
export function withCounts(batch: BatchRecord, counted: Counted & { readonly shardsEnded: number }): BatchRecord {
  const { cost: _, ...rest } = batch;
  const { completed, failed, cost, shardsEnded } = counted;
  return {
    ...rest,
    ...(cost !== undefined && { cost }),
    counts: { total: batch.counts.total, completed, failed },
    shardsEnded,
  };
}
