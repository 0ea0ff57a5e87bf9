import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const gpustack: DefinedRow = defineRow({
  name: "gpustack",
  label: "GPUStack",
  api_base_env: ["GPUSTACK_API_BASE"],
  api_key_env: ["GPUSTACK_API_KEY"],
  path: "/v1/rerank",
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "compute",
  documentation: {
    page: "https://docs.gpustack.ai",
    quirks: ["a server of one's own: it needs an `api_base`"],
    unverified: ["what the scores are, which depends on the model"],
  },
});
