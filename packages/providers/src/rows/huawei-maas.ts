import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const huaweiMaas: DefinedRow = defineRow({
  name: "huawei_maas",
  label: "Huawei Cloud MaaS",
  api_base: "https://api.modelarts-maas.com/v1",
  api_base_env: ["HUAWEI_MAAS_API_BASE"],
  api_key_env: ["HUAWEI_MAAS_API_KEY"],
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
