import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const dated = { date: "2026-11-25", source: "deepinfra.com's page of the model" };

export const deepinfra: DefinedRow = defineRow({
  name: "deepinfra",
  label: "DeepInfra",
  api_base: "https://api.deepinfra.com/v1",
  api_base_env: ["DEEPINFRA_API_BASE"],
  api_key_env: ["DEEPINFRA_API_KEY"],
  path: "/inference/{model}",
  // The address for chat, which LiteLLM's users name.
  base_endings: { "/openai": "" },
  request: {
    model: null,
    query: "queries",
    query_form: "repeated",
    instruction: "instruction",
    options: ["service_tier"],
  },
  response: {
    results: "scores",
    by_position: true,
    input_tokens: ["input_tokens", "inference_status.tokens_input"],
    cost: ["inference_status.cost"],
  },
  score_kind: "probability",
  billing: "per-token",
  limits: { tokens_per_document: 32_768 },
  models: [
    { match: "Qwen/Qwen3-Reranker-0.6B", price: { per_million_tokens: 0.01, ...dated } },
    { match: "Qwen/Qwen3-Reranker-8B", price: { per_million_tokens: 0.05, ...dated } },
    { match: "nvidia/Nemotron-3.5-Rerank-8B*", price: { per_million_tokens: 0.05, ...dated } },
  ],
  documentation: {
    page: "https://deepinfra.com/docs",
    quirks: [
      "the query is sent once for each document, so long queries make large requests",
      "answers name what a call cost, and that counts",
    ],
    unverified: ["how many documents a call may have"],
  },
});
