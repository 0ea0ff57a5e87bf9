import { DheeraError, type Score, type ScoreCall } from "@dheera-ai/core";
import { readScores } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

import { providerName } from "../errors/provider-error.ts";

/** The three pipelines that give relevance; serverless and the Inference Toolkit share their payloads. */
export const pipelines = {
  textRanking: (call: ScoreCall): Readonly<Record<string, unknown>> => ({
    inputs: { query: call.query, texts: call.documents },
  }),
  textClassification: (call: ScoreCall): Readonly<Record<string, unknown>> => ({
    inputs: call.documents.map((document) => ({ text: call.query, text_pair: document })),
  }),
  sentenceSimilarity: (call: ScoreCall): Readonly<Record<string, unknown>> => ({
    inputs: { source_sentence: call.query, sentences: call.documents },
  }),
} as const;

const row = v.object({ label: v.string() });
const labelled = v.array(
  v.union([
    row,
    v.pipe(
      v.tuple([row]),
      v.transform(([only]) => only),
    ),
  ]),
);

/**
 * Scores of text classification: one label a pair, flat or nested. A classifier with several labels answers with the
 * likeliest one, by which nothing can be ranked.
 * @throws DheeraError `provider_bad_response`
 */
export function readClassification(answer: unknown): readonly Score[] {
  const parsed = v.safeParse(labelled, answer, { abortEarly: true });
  if (parsed.success && new Set(parsed.output.map(({ label }) => label)).size > 1)
    throw new DheeraError(
      "provider_bad_response",
      "the model is a classifier with several labels and not a re-ranker, which has exactly one",
      { provider: providerName },
    );
  return readScores(answer);
}
