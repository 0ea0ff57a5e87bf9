import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const moark: DefinedRow = defineRow({
  name: "moark",
  label: "Moark (Gitee AI)",
  api_base: "https://api.moark.com/v1",
  api_base_env: ["MOARK_API_BASE"],
  api_key_env: ["MOARK_API_KEY"],
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
