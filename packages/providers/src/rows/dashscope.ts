import { type DefinedRow, defineRow } from "../engine/define-row.ts";
import type { Row } from "../engine/row.ts";

const source = "Alibaba Cloud Model Studio";
const date = "2026-11-25";
const china = "dashscope.aliyuncs.com";
const singapore = "dashscope-intl.aliyuncs.com";

/** What LiteLLM's three names for it have in common. Keys belong to one region. */
export const modelStudio: Omit<Row, "name" | "path" | "request"> = {
  hosts: [china, singapore, "dashscope-us.aliyuncs.com", "*.maas.aliyuncs.com"],
  score_kind: "probability",
  billing: "per-token",
  limits: { documents_per_call: 500, characters_per_document: 300_000 },
  models: [
    {
      match: "qwen3-rerank",
      limits: { tokens_per_document: 4_000, tokens_per_call: 120_000 },
      price_by_host: {
        [china]: { per_million_tokens: 0.069, date, source },
        [singapore]: { per_million_tokens: 0.1, date, source },
      },
    },
    { match: "qwen3.7-text-rerank", limits: { tokens_per_document: 32_768 } },
    {
      match: "gte-rerank-v2",
      limits: { tokens_per_document: 4_000, tokens_per_call: 30_000 },
      price_by_host: { [china]: { per_million_tokens: 0.115, date, source } },
    },
    { match: "gte-rerank", deprecated: "shut down on 2026-05-30; use qwen3-rerank" },
    { match: "qwen3-vl-rerank", limits: { documents_per_call: 100, tokens_per_document: 8_000 } },
  ],
};

export const dashscope: DefinedRow = defineRow(compatible("dashscope", "Alibaba Cloud DashScope", china, "DASHSCOPE"));

/** The API with Jina's request and answer; a base for chat is rewritten. */
export function compatible(name: string, label: string, host: string, variable: string): Row {
  return {
    ...modelStudio,
    name,
    label,
    api_base: `https://${host}/compatible-api/v1`,
    api_base_env: [`${variable}_API_BASE_RERANK`],
    api_key_env: [...new Set([`${variable}_API_KEY`, "DASHSCOPE_API_KEY"])],
    path: "/reranks",
    base_endings: { "/compatible-mode/v1": "/compatible-api/v1" },
    path_by_host: { "*.aliyuncs.com": "/compatible-api/v1/reranks" },
    request: {},
    response: { input_tokens: ["usage.total_tokens"], error_code: ["code"] },
    documentation: {
      page: "https://www.alibabacloud.com/help/en/model-studio",
      quirks: [
        "keys belong to one region: China (`https://dashscope.aliyuncs.com`), Singapore (`https://dashscope-intl.aliyuncs.com`), the US (`https://dashscope-us.aliyuncs.com`) or a workspace (`https://{workspace}.{region}.maas.aliyuncs.com`), as `api_base`",
        "an `api_base` for chat (`…/compatible-mode/v1`) is rewritten to the one for reranking",
        "documents are cut at 4,000 tokens (qwen3-rerank, gte-rerank-v2)",
        "an instruction has an effect with the prefix `dashscope_native` only",
      ],
    },
  };
}
