import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const contextual: DefinedRow = defineRow({
  name: "contextual",
  label: "Contextual AI",
  api_base: "https://api.contextual.ai/v1",
  api_base_env: ["CONTEXTUAL_AI_BASE_URL"],
  api_key_env: ["CONTEXTUAL_API_KEY"],
  path: "/v1/rerank",
  request: { instruction: "instruction" },
  score_kind: "probability",
  billing: "per-token",
  limits: { tokens_per_call: 400_000, tokens_per_document: 8_000 },
  models: [
    { match: "ctxl-rerank-v2-instruct-multilingual" },
    { match: "ctxl-rerank-v2-instruct-multilingual-mini" },
    { match: "ctxl-rerank-v1-instruct" },
  ],
  documentation: {
    page: "https://docs.contextual.ai",
    quirks: [
      "answers do not say what was billed",
      "an instruction about time must name dates, because the model does not know today's",
    ],
    unverified: ["how the tokens of a call are counted: here the query counts once for each document"],
  },
});
