import type { RankingScoreKind } from "../request/api.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { type Calibration, calibrate } from "./calibration.ts";
import type { NormalizedScores } from "./normalize.ts";

/**
 * Probabilities in place of scores, where the calibration was learned from their kind: that of the model, or what the
 * entry's `normalize` made of it. Otherwise the scores as they are, with a warning.
 * @param said what the model said, in the same order
 */
export function applyCalibration(
  calibration: Calibration,
  normalized: NormalizedScores,
  said: { readonly scores: Float64Array; readonly scoreKind: RankingScoreKind } = normalized,
): NormalizedScores {
  const { score_kind: kind } = calibration;
  const source = [said, normalized].find(({ scoreKind }) => scoreKind === kind);
  if (source)
    return { scores: calibrate(source.scores, calibration), scoreKind: "calibrated", warnings: normalized.warnings };
  const warning = `scores are not calibrated: calibration was learned from scores of the kind ${kind}, and these are of the kind ${normalized.scoreKind}`;
  return { ...normalized, warnings: [...normalized.warnings, warning] };
}

/** Without the documents that are less probable than this. Calibration never changes their order, so the best are kept. */
export function atLeast(
  minScore: number | undefined,
  positions: readonly number[],
  { scores }: NormalizedScores,
): readonly number[] {
  return minScore === undefined
    ? positions
    : positions.filter((position) => (scores[position] ?? Number.NaN) >= minScore);
}

/**
 * Whether the scale of the answer is the configuration's choice: who asks for raw or normalized scores means those, and some
 * combined models read the order alone.
 */
export function wantsOwnScale({ normalize, params, uncalibrated }: CheckedRequest): boolean {
  return normalize === undefined && !params.rawScores && !uncalibrated;
}
