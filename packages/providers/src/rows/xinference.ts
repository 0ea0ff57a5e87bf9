import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const xinference: DefinedRow = defineRow({
  name: "xinference",
  label: "Xinference",
  api_base_env: ["XINFERENCE_API_BASE"],
  api_key_env: ["XINFERENCE_API_KEY"],
  path: "/v1/rerank",
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "compute",
  documentation: {
    page: "https://inference.readthedocs.io",
    quirks: ["a server of one's own: it needs an `api_base`"],
    unverified: ["what the scores are, which depends on the model"],
  },
});
