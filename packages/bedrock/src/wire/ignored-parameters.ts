import type { ScoreParams } from "@dheera-ai/core";

import { isOfCohere, type ModelName } from "../model-name.ts";

/** A sentence for each parameter that was asked for and is missing here; what is the default anyway is not missed. */
export function ignoredParameters(params: ScoreParams, model: ModelName): readonly string[] {
  const asked = [
    params.truncate === false && "truncate: false",
    params.truncationDirection === "left" && "truncation_direction: left",
    params.rawScores && "raw_scores: true",
    params.maxTokensPerDocument !== undefined && !isOfCohere(model) && "max_tokens_per_doc for this model",
    params.instruction !== undefined && "instruction",
  ];
  return asked
    .filter((name) => typeof name === "string")
    .map((name) => `Amazon Bedrock has no ${name}; it had no effect`);
}
