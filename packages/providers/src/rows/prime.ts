import type { Score } from "@dheera-ai/core";

import { type DefinedRow, defineRow } from "../engine/define-row.ts";

/** Far below the distance of two scores that differ, which have seven digits. */
const step = 1e-14;

export const prime: DefinedRow = defineRow(
  {
    name: "prime",
    label: "Prime Inference",
    api_base: "https://api.pinference.ai/api/v1",
    api_base_env: ["PRIME_API_BASE"],
    api_key_env: ["PRIME_API_KEY"],
    path: "/api/v1/rerank",
    request: { instruction: "instruction" },
    score_kind: "probability",
    billing: "per-token",
    limits: { documents_per_call: 1_000, bytes_per_call: 16 * 1_024 * 1_024 },
    models: [
      {
        match: "qwen/qwen3-reranker-0.6b",
        limits: { tokens_per_document: 32_768 },
        price: { per_million_tokens: 0.2, date: "2026-11-25", source: "Prime Inference's documentation" },
      },
    ],
    documentation: {
      quirks: [
        "nothing is cut: a document that is too long is refused",
        "documents are ordered by logits, and scores saturate at 1: the order of equal scores is kept, by differences of 0.00000000000001",
      ],
      unverified: ["the name of the variable with the key"],
    },
  },
  { read: (_, result) => ({ ...result, scores: keepOrder(result.scores) }) },
);

/** Scores in the order of the answer, of which each is lower than the one before it. */
function keepOrder(scores: readonly Score[]): readonly Score[] {
  let ties = 0;
  return scores.map((one, position) => {
    ties = position > 0 && one.score === scores[position - 1]?.score ? ties + 1 : 0;
    return ties === 0 ? one : { ...one, score: one.score - ties * step };
  });
}
