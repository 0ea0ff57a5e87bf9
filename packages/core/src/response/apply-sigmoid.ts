import type { ScoreKind } from "../contract.ts";

export interface NormalizedScores {
  readonly scores: Float64Array;
  readonly scoreKind: ScoreKind;
  readonly warnings: readonly string[];
}

/** Maps scores to 0..1 only where that is right: logits by the sigmoid, once. Probabilities are there already; others are left as they are, with a warning. */
export function applySigmoid(
  scores: Float64Array,
  scoreKind: ScoreKind,
  normalization: "none" | "sigmoid",
): NormalizedScores {
  if (normalization === "none" || scoreKind === "probability") return { scores, scoreKind, warnings: [] };
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
