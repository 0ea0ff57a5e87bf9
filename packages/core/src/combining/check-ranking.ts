import type { CombinedRanking } from "../combination.ts";
import { DheeraError } from "../errors.ts";
import type { ModelEntry } from "../routing/settings.ts";

/** A combination is code of somebody's. @throws DheeraError where it leaves a document out, or its scores ascend */
export function checkRanking(
  { order, scores }: CombinedRanking,
  documents: number,
  { dheera_ai_params }: ModelEntry,
): void {
  const isWhole =
    order.length === documents &&
    scores.length === documents &&
    new Set(order).size === documents &&
    order.every((index) => Number.isInteger(index) && index >= 0 && index < documents);
  if (isWhole && neverAscend(scores)) return;
  throw new DheeraError(
    "internal",
    `${dheera_ai_params.model} has a fault: it did not rank each document exactly once, best first`,
    { defect: true },
  );
}

/** Unknown scores come last. */
function neverAscend(scores: readonly number[]): boolean {
  return scores.every((score, position) => {
    const before = scores[position - 1] ?? Infinity;
    return Number.isNaN(score) || (Number.isFinite(score) && score <= before);
  });
}
