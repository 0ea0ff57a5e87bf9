import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const mixedbread: DefinedRow = defineRow({
  name: "mixedbread",
  label: "Mixedbread",
  api_base: "https://api.mixedbread.com/v1",
  api_base_env: ["MIXEDBREAD_BASE_URL"],
  hosts: ["api.mixedbread.ai"],
  api_key_env: ["MXBAI_API_KEY"],
  path: "/v1/reranking",
  request: {
    documents: "input",
    top_n: "top_k",
    // It would score another query than the caller's.
    constants: { return_input: false, rewrite_query: false },
  },
  response: { results: "data", score: "score" },
  score_kind: "unknown",
  billing: "per-token",
  models: [{ match: "mixedbread-ai/mxbai-rerank-*-v2", limits: { tokens_per_document: 8_192 } }],
  documentation: {
    page: "https://www.mixedbread.com/docs",
    unverified: ["how many documents a call may have", "whether scores are probabilities"],
  },
});
