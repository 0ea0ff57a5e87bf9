import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const scaleway: DefinedRow = defineRow({
  name: "scaleway",
  label: "Scaleway",
  api_base: "https://api.scaleway.ai/v1",
  api_key_env: ["SCW_SECRET_KEY"],
  path: "/rerank",
  // Refused without it.
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "per-token",
  documentation: {
    page: "https://www.scaleway.com/en/docs/generative-apis/",
    unverified: ["how many documents a call may have", "whether scores are probabilities"],
  },
});
