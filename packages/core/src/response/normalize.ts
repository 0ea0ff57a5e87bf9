import type { RankingScoreKind } from "../request/api.ts";

export interface NormalizedScores {
  readonly scores: Float64Array;
  readonly scoreKind: RankingScoreKind;
  readonly warnings: readonly string[];
}

/**
 * Maps scores to 0..1 only where that is right: logits by the sigmoid, once. Probabilities, learned ones too, are there already; others
 * are left as they are, with a warning.
 */
export function applySigmoid(
  scores: Float64Array,
  scoreKind: RankingScoreKind,
  normalization: "none" | "sigmoid",
): NormalizedScores {
  if (normalization === "none" || scoreKind === "probability" || scoreKind === "calibrated")
    return { scores, scoreKind, warnings: [] };
  if (scoreKind === "logit") return { scores: scores.map(sigmoid), scoreKind: "probability", warnings: [] };
  return {
    scores,
    scoreKind,
    warnings: [`scores are left as they are: normalize: sigmoid is for logits, and these are of the kind ${scoreKind}`],
  };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * Scores that clients can read: what the model refused gets one that no document has which the model scored, and that
 * is below all of them as far as the kind of score goes.
 */
export function withoutUnknown(scores: Float64Array, scoreKind: RankingScoreKind): Float64Array {
  if (!scores.includes(Number.NaN)) return scores;
  const lowest = scores.reduce((least, score) => (score < least ? score : least), Infinity);
  const placeholder = leastScores[scoreKind] ?? (lowest > 0 ? 0 : lowest - 1);
  return scores.map((score) => (Number.isNaN(score) ? placeholder : score));
}

const leastScores: Readonly<Partial<Record<RankingScoreKind, number>>> = { probability: 0, calibrated: 0, cosine: -1 };
