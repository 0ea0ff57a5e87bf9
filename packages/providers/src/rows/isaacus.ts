import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const isaacus: DefinedRow = defineRow({
  name: "isaacus",
  label: "Isaacus",
  api_base: "https://api.isaacus.com/v1",
  api_base_env: ["ISAACUS_BASE_URL"],
  api_key_env: ["ISAACUS_API_KEY"],
  path: "/v1/rerankings",
  request: {
    documents: "texts",
    // Queries in Isaacus' query language cost more.
    constants: { is_iql: false },
    options: ["scoring_method", "chunking_options"],
  },
  response: { score: "score", input_tokens: ["usage.input_tokens"] },
  score_kind: "probability",
  billing: "per-token",
  models: [{ match: "kanon-2-reranker" }],
  documentation: {
    page: "https://docs.isaacus.com",
    quirks: ["blank documents are refused"],
    unverified: ["how many documents a call may have"],
  },
});
