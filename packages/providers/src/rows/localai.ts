import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const localai: DefinedRow = defineRow({
  name: "localai",
  label: "LocalAI",
  api_base_env: ["LOCALAI_API_BASE"],
  api_key_env: ["LOCALAI_API_KEY"],
  path: "/v1/rerank",
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "compute",
  documentation: {
    page: "https://localai.io",
    quirks: ["a server of one's own: it needs an `api_base`"],
    unverified: ["what the scores are, which depends on the model"],
  },
});
