import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const baiduQianfan: DefinedRow = defineRow({
  name: "baidu_qianfan",
  label: "Baidu Qianfan",
  api_base: "https://qianfan.baidubce.com/v2",
  api_base_env: ["QIANFAN_API_BASE"],
  api_key_env: ["QIANFAN_API_KEY"],
  path: "/v2/rerank",
  request: { top_n: "top_n" },
  score_kind: "unknown",
  billing: "per-token",
  models: [{ match: "bce-reranker-base" }, { match: "qwen3-reranker-4b" }],
  documentation: {
    page: "https://cloud.baidu.com/doc/qianfan-api",
    quirks: ["keys begin with `bce-v3/`"],
    unverified: [
      "how many documents a call may have",
      "whether scores are probabilities",
      "the name of the variable with the key",
    ],
  },
});
