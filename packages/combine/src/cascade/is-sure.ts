import type { MemberRanking } from "@dheera-ai/core";

import type { Stage } from "./cascade-options.ts";

/** Whether a ranking is so clear that the next stage need not be asked, and what hindered the question. */
export interface Certainty {
  readonly sure?: "margin" | "score";
  readonly warnings: readonly string[];
}

type Kind = MemberRanking["scoreKind"];

/** Scales on which a certain value means the same for every query. */
const absolute: ReadonlySet<Kind> = new Set<Kind>(["probability", "calibrated", "cosine"]);
/** Scales on which a certain distance does. */
const metric: ReadonlySet<Kind> = new Set<Kind>([...absolute, "logit"]);

/** Holds a ranking against the thresholds of the stage that would follow. Either of them is enough. */
export function isSure(
  { scores, scoreKind }: Pick<MemberRanking, "scores" | "scoreKind">,
  { model, stopWhenMargin, stopWhenScore }: Stage,
  asksRawScores: boolean,
): Certainty {
  const warnings: string[] = [];
  const means = (key: string, kinds: ReadonlySet<Kind>): boolean => {
    if (!asksRawScores && kinds.has(scoreKind)) return true;
    const why = asksRawScores
      ? "the request asks for raw scores"
      : `the scores of the stage before are of the kind ${scoreKind}, which has no such threshold`;
    warnings.push(`${key} had no effect, and ${model} was asked: ${why}`);
    return false;
  };
  const [best = Number.NaN, second = scores.length === 1 ? -Infinity : Number.NaN] = scores;
  // Unknown scores compare with nothing.
  const isClear = stopWhenMargin !== undefined && means("stop_when_margin", metric) && best - second >= stopWhenMargin;
  if (isClear) return { sure: "margin", warnings };
  const isGood = stopWhenScore !== undefined && means("stop_when_score", absolute) && best >= stopWhenScore;
  return isGood ? { sure: "score", warnings } : { warnings };
}
