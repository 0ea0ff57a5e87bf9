import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const price = { per_million_tokens: 0.05, date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };

export const jinaAi: DefinedRow = defineRow({
  name: "jina_ai",
  label: "Jina AI",
  api_base: "https://api.jina.ai",
  api_base_env: ["JINA_AI_API_BASE"],
  api_key_env: ["JINA_AI_API_KEY", "JINA_API_KEY", "JINA_AI_TOKEN"],
  path: "/v1/rerank",
  base_path: "replace",
  // The default has changed once.
  request: { constants: { return_documents: false } },
  response: { input_tokens: ["usage.total_tokens"] },
  score_kind: "probability",
  billing: "per-token",
  limits: { documents_per_call: 2_048 },
  models: [
    // One pass over all documents: scores depend on the others and their order.
    {
      match: "jina-reranker-v3.5",
      scoring: "listwise",
      score_kind: "cosine",
      limits: { tokens_per_document: 131_072 },
      price,
    },
    {
      match: "jina-reranker-v3",
      scoring: "listwise",
      score_kind: "cosine",
      deprecated: "use jina-reranker-v3.5",
    },
    { match: "jina-reranker-m0", limits: { tokens_per_document: 10_240 }, price },
    { match: "jina-reranker-v2-base-multilingual", limits: { tokens_per_document: 1_024 }, price },
    { match: "jina-colbert-v2", score_kind: "unknown", limits: { tokens_per_document: 8_192 } },
  ],
  documentation: {
    page: "https://jina.ai/reranker",
    quirks: [
      "the path of an `api_base` is replaced by `/v1/rerank`",
      "jina-reranker-v3 and v3.5 score a document by the others beside it: a request is never divided, and cached as a whole only",
      "jina-reranker-v3.5 has 131,072 tokens for the query and all documents together",
    ],
    unverified: ["at most 2,048 documents a call"],
  },
});
