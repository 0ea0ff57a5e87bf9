import type { ScoreKind, ScoreParams } from "@dheera-ai/core";

import { describeProfile } from "../describe-profile.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { CallRecipe } from "../wire/call-recipe.ts";
import { pipelines, readClassification } from "../wire/pipelines.ts";
import { readComputeTokens } from "./tei.ts";

const supports: ReadonlySet<keyof ScoreParams> = new Set();

/**
 * The Inference Toolkit of Inference Endpoints takes every pipeline at one address and reports nothing about itself.
 */
export function toolkitRecipes(url: string, endpoint: Endpoint): readonly CallRecipe[] {
  const recipe = (name: string, scoreKind: ScoreKind, body: CallRecipe["body"]): CallRecipe => ({
    url,
    supports,
    extraTexts: 0,
    body,
    // Its own answers name no usage.
    readUsage: readComputeTokens,
    profile: describeProfile({
      identity: ["toolkit", endpoint.model, name],
      models: [endpoint.model],
      scoreKind,
      limits: {},
      pads: true,
      server: `huggingface-inference-toolkit (${name})`,
    }),
  });
  return [
    recipe("text-ranking", "unknown", pipelines.textRanking),
    { ...recipe("text-classification", "unknown", pipelines.textClassification), readScores: readClassification },
    recipe("sentence-similarity", "cosine", pipelines.sentenceSimilarity),
  ];
}
