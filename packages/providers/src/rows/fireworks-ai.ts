import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const fireworksAi: DefinedRow = defineRow({
  name: "fireworks_ai",
  label: "Fireworks AI",
  api_base: "https://api.fireworks.ai/inference/v1",
  api_base_env: ["FIREWORKS_AI_API_BASE"],
  api_key_env: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"],
  path: "/inference/v1/rerank",
  // Names with a slash, `accounts/…`, are whole.
  model_prefix: "fireworks/",
  request: { instruction: "task", constants: { return_documents: false } },
  response: { results: "data" },
  score_kind: "unknown",
  billing: "per-token",
  models: [
    {
      match: "*qwen3-reranker-8b",
      limits: { tokens_per_document: 40_960 },
      price: { per_million_tokens: 0.2, date: "2026-11-25", source: "LiteLLM's price map 1.110.2" },
    },
    { match: "*qwen3-reranker-*", limits: { tokens_per_document: 40_960 } },
  ],
  documentation: {
    page: "https://docs.fireworks.ai",
    quirks: ["qwen3-reranker-0p6b and 4b run on deployments of one's own only"],
    unverified: ["whether scores are probabilities", "how many documents a call may have"],
  },
});
