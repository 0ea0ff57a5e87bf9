import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const siliconflow: DefinedRow = defineRow({
  name: "siliconflow",
  label: "SiliconFlow",
  api_base: "https://api.siliconflow.com/v1",
  api_base_env: ["SILICONFLOW_API_BASE"],
  hosts: ["api.siliconflow.cn"],
  api_key_env: ["SILICONFLOW_API_KEY"],
  path: "/v1/rerank",
  request: {
    top_n: "top_n",
    constants: { return_documents: false },
    options: ["max_chunks_per_doc", "overlap_tokens"],
  },
  score_kind: "probability",
  billing: "per-token",
  models: [
    { match: "BAAI/bge-reranker-v2-m3" },
    { match: "Pro/BAAI/bge-reranker-v2-m3" },
    { match: "netease-youdao/bce-reranker-base_v1" },
    { match: "Qwen/Qwen3-Reranker-*", request: { instruction: "instruction" } },
  ],
  documentation: {
    page: "https://docs.siliconflow.com",
    quirks: ["China (`https://api.siliconflow.cn/v1` as `api_base`) and the rest of the world have keys of their own"],
    unverified: ["how many documents a call may have", "whether Qwen3 models read `instruction`"],
  },
});
