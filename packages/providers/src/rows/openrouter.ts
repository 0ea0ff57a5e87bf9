import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const dated = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };
const probability = { score_kind: "probability" } as const;

export const openrouter: DefinedRow = defineRow({
  name: "openrouter",
  label: "OpenRouter",
  api_base: "https://openrouter.ai/api/v1",
  api_base_env: ["OPENROUTER_API_BASE"],
  api_key_env: ["OPENROUTER_API_KEY"],
  path: "/api/v1/rerank",
  request: { options: ["provider", "user", "session_id", "trace"] },
  response: { input_tokens: ["usage.total_tokens"], search_units: ["usage.search_units"], cost: ["usage.cost"] },
  score_kind: "unknown",
  billing: "per-token",
  models: [
    { match: "cohere/rerank-5-pro", ...probability, price: { per_million_tokens: 0.05, ...dated } },
    { match: "cohere/rerank-5-fast", ...probability, price: { per_million_tokens: 0.02, ...dated } },
    { match: "cohere/*", ...probability, billing: "per-search" },
    { match: "voyageai/*", ...probability },
  ],
  documentation: {
    page: "https://openrouter.ai/docs",
    quirks: [
      "models have names of their own: `openrouter/cohere/rerank-5-pro`",
      "answers name what a call cost, in credits of one US dollar, and that counts",
      "documents are sent back whether they are asked for or not",
    ],
    unverified: ["how many documents a call may have"],
  },
});
