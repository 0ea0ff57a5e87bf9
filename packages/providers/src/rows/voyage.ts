import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const dated = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };

export const voyage: DefinedRow = defineRow({
  name: "voyage",
  label: "Voyage AI",
  api_base: "https://api.voyageai.com/v1",
  api_base_env: ["VOYAGE_API_BASE"],
  // Keys that MongoDB issued.
  api_base_by_key: { "al-": "https://ai.mongodb.com/v1" },
  api_key_env: ["VOYAGE_API_KEY", "VOYAGE_AI_API_KEY", "VOYAGE_AI_TOKEN"],
  path: "/v1/rerank",
  request: {
    truncate: { field: "truncation", cut: true, refuse: false },
    constants: { return_documents: false },
  },
  response: { results: "data", input_tokens: ["usage.total_tokens"] },
  refusals: [{ after: "allowed tokens per submitted batch is", learns: "tokens_per_call" }],
  score_kind: "probability",
  billing: "per-token",
  limits: { documents_per_call: 1_000 },
  models: [
    {
      match: "rerank-2.5-lite",
      price: { per_million_tokens: 0.02, ...dated },
      limits: { tokens_per_document: 32_000, tokens_per_call: 600_000 },
      request: { instruction: "in_query" },
    },
    { match: "*", price: { per_million_tokens: 0.05, ...dated } },
  ],
  documentation: { page: "https://docs.voyageai.com/docs/reranker" },
});
