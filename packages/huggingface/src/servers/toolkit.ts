import type { ScoreKind, ScoreParams } from "@dheera-ai/core";

import { pipelines, readClassification } from "../wire/pipelines.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { describeProfile } from "../describe-profile.ts";
import type { Route } from "../wire/call-recipe.ts";

const honours: ReadonlySet<keyof ScoreParams> = new Set();

/** The Inference Toolkit of Inference Endpoints takes every pipeline at one address and says of itself nothing. */
export function toolkitRoutes(url: string, place: Place): readonly Route[] {
  const route = (name: string, scoreKind: ScoreKind, body: Route["body"]): Route => ({
    url,
    honours,
    extraTexts: 0,
    body,
    profile: describeProfile({
      identity: ["toolkit", place.model, name],
      models: [place.model],
      scoreKind,
      limits: {},
      pads: true,
      server: `huggingface-inference-toolkit (${name})`,
    }),
  });
  return [
    route("text-ranking", "unknown", pipelines.textRanking),
    { ...route("text-classification", "unknown", pipelines.textClassification), read: readClassification },
    route("sentence-similarity", "cosine", pipelines.sentenceSimilarity),
  ];
}
