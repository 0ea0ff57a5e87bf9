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
    // One pass over all documents: scores depend on the others.
    { match: "jina-reranker-v3*", scoring: "listwise", score_kind: "cosine", price },
    { match: "*", price },
  ],
  documentation: { page: "https://jina.ai/reranker", unverified: ["at most 2,048 documents a call"] },
});
