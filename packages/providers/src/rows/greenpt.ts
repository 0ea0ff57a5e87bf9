import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const greenpt: DefinedRow = defineRow({
  name: "greenpt",
  label: "GreenPT",
  api_base: "https://api.greenpt.ai/v1",
  api_base_env: ["GREENPT_API_BASE"],
  api_key_env: ["GREENPT_API_KEY"],
  path: "/v1/rerank",
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "per-token",
  documentation: {
    unverified: [
      "how many documents a call may have",
      "what the scores are",
      "the names of the variables, which other programs do not have",
    ],
  },
});
