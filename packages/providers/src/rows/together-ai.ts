import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const togetherAi: DefinedRow = defineRow({
  name: "together_ai",
  label: "Together AI",
  api_base: "https://api.together.ai/v1",
  api_base_env: ["TOGETHER_AI_API_BASE"],
  hosts: ["api.together.xyz"],
  api_key_env: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN"],
  path: "/rerank",
  request: { constants: { return_documents: false } },
  score_kind: "unknown",
  billing: "per-token",
  limits: { documents_per_call: 1_024 },
  models: [
    { match: "mixedbread-ai/mxbai-rerank-large-v2", limits: { tokens_per_document: 16_384 } },
    {
      match: "Salesforce/Llama-Rank-V1",
      limits: { tokens_per_document: 8_192 },
      price: { per_million_tokens: 0.1, date: "2026-11-25", source: "LiteLLM's price map 1.110.2" },
      deprecated: "retired on 2026-02-06",
    },
  ],
  documentation: {
    page: "https://docs.together.ai",
    unverified: [
      "at most 1,024 documents a call",
      "whether scores are probabilities",
      "whether any rerank model is served without an endpoint of one's own",
    ],
  },
});
