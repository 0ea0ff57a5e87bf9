import type { RankingScoreKind } from "../request/api.ts";

/**
 * How a model's scores become probabilities that a document is relevant, as `dheera_ai calibrate` learns it from labels.
 * Platt: 1 / (1 + exp(−(slope × score + intercept))). Isotonic: `probabilities[i]` at `scores[i]`, both in ascending
 * order, straight lines between, and the ends beyond them.
 */
export type Calibration = {
  /** The kind of scores that it was learned from; it means nothing for others. */
  readonly score_kind: RankingScoreKind;
} & (
  | { readonly method: "platt"; readonly slope: number; readonly intercept: number }
  | { readonly method: "isotonic"; readonly scores: readonly number[]; readonly probabilities: readonly number[] }
);

/** The probability for each score: from 0 to 1, and never a lower one for a higher score. Unknown scores (NaN) stay so. */
export function calibrate(scores: Float64Array, calibration: Calibration): Float64Array {
  if (calibration.method === "isotonic") return scores.map((score) => interpolated(score, calibration));
  const { slope, intercept } = calibration;
  return scores.map((score) => 1 / (1 + Math.exp(-(slope * score + intercept))));
}

interface Curve {
  readonly scores: readonly number[];
  readonly probabilities: readonly number[];
}

function interpolated(score: number, { scores, probabilities }: Curve): number {
  if (Number.isNaN(score)) return score;
  const above = firstAbove(scores, score);
  const [left, right] = [scores[above - 1], scores[above]];
  if (left === undefined) return probabilities[0] ?? Number.NaN;
  const from = probabilities[above - 1] ?? Number.NaN;
  const to = probabilities[above];
  if (right === undefined || to === undefined) return from;
  // Rounding must not lift a score above the next point.
  return Math.min(to, from + (to - from) * ((score - left) / (right - left)));
}

/** The position of the first point with a greater score; the number of points where there is none. */
function firstAbove(scores: readonly number[], score: number): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((scores[middle] ?? Infinity) <= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
