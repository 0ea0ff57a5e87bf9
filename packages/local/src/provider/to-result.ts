import type { ScoreParams, ScoreResult } from "@dheera-ai/core";

import type { ModelDescription } from "../model/description.ts";
import type { Scored } from "../process/children.ts";

/** What a child computed, as core takes it: probabilities of a cross-encoder, or its logits where those are asked for. */
export function toResult(
  { scores, truncated, tokens, isQueryCut }: Scored,
  { kind, tokens: mostTokens }: ModelDescription,
  { rawScores = false, instruction }: ScoreParams,
): ScoreResult {
  const warnings = [
    ...(isQueryCut ? [`the query was cut: the model reads ${mostTokens} tokens at once`] : []),
    ...(instruction === undefined
      ? []
      : ["instruction had no effect: local/… puts in front of texts what query_prompt and document_prompt say"]),
  ];
  const isProbability = kind === "cross-encoder" && !rawScores;
  return {
    scores: Array.from(scores, (score, index) => ({ index, score: isProbability ? sigmoid(score) : score })),
    ...(kind === "cross-encoder" && rawScores && { scoreKind: "logit" }),
    usage: { inputTokens: tokens },
    ...(truncated.length > 0 && { truncated }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
