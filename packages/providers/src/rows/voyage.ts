import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const dated = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };
const large = { per_million_tokens: 0.05, ...dated };
const lite = { per_million_tokens: 0.02, ...dated };
// The instruction stands in the query; models before 2.5 follow none.
const instructed = { request: { instruction: "in_query" } };

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
  limits: { documents_per_call: 1_000, tokens_per_call: 600_000 },
  models: [
    { match: "rerank-3-lite", price: lite, limits: { tokens_per_document: 32_000 }, ...instructed },
    { match: "rerank-3", price: large, limits: { tokens_per_document: 32_000 }, ...instructed },
    { match: "rerank-2.5-lite", price: lite, limits: { tokens_per_document: 32_000 }, ...instructed },
    { match: "rerank-2.5", price: large, limits: { tokens_per_document: 32_000 }, ...instructed },
    { match: "rerank-2-lite", price: lite, limits: { tokens_per_document: 8_000 } },
    { match: "rerank-2", price: large, limits: { tokens_per_document: 16_000 } },
    { match: "rerank-lite-1", price: lite, limits: { tokens_per_document: 4_000, tokens_per_call: 300_000 } },
    { match: "rerank-1", price: large, limits: { tokens_per_document: 8_000, tokens_per_call: 100_000 } },
  ],
  documentation: {
    page: "https://docs.voyageai.com/docs/reranker",
    quirks: [
      "the query is billed once for each document",
      "a call may hold a number of tokens in total, which a refusal names; such a refusal is learned from",
      "a query may have 8,000 tokens (2.5), 4,000 (2), 2,000 (2-lite, 1) or 1,000 (lite-1)",
    ],
    unverified: ["at most 600,000 tokens a call for rerank-2, 2.5 and 3"],
  },
});
