import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const dated = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };

export const novita: DefinedRow = defineRow({
  name: "novita",
  label: "Novita AI",
  api_base: "https://api.novita.ai/openai/v1",
  api_base_env: ["NOVITA_API_BASE"],
  api_key_env: ["NOVITA_API_KEY"],
  path: "/rerank",
  // The address for chat.
  base_endings: { "/v3/openai": "/openai/v1" },
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "per-token",
  models: [
    {
      match: "baai/bge-reranker-v2-m3",
      limits: { tokens_per_document: 8_000 },
      price: { per_million_tokens: 0.01, ...dated },
    },
    {
      match: "qwen/qwen3-reranker-8b",
      limits: { tokens_per_document: 32_768 },
      price: { per_million_tokens: 0.05, ...dated },
      deprecated: "removed in January 2026; use baai/bge-reranker-v2-m3",
    },
  ],
  documentation: {
    page: "https://novita.ai/docs",
    unverified: ["how many documents a call may have", "whether scores are probabilities"],
  },
});
