import { type DefinedRow, defineRow } from "../engine/define-row.ts";
import { modelStudio } from "./dashscope.ts";

export const dashscopeNative: DefinedRow = defineRow({
  ...modelStudio,
  name: "dashscope_native",
  label: "Alibaba Cloud DashScope, own dialect",
  api_base: "https://dashscope.aliyuncs.com",
  api_key_env: ["DASHSCOPE_API_KEY"],
  path: "/api/v1/services/rerank/text-rerank/text-rerank",
  request: {
    query: "input.query",
    documents: "input.documents",
    top_n: "parameters.top_n",
    instruction: "parameters.instruct",
    constants: { "parameters.return_documents": false },
  },
  response: { results: "output.results", input_tokens: ["usage.total_tokens"], error_code: ["code"] },
  documentation: {
    page: "https://www.alibabacloud.com/help/en/model-studio",
    quirks: ["the same models as `dashscope`, in the dialect that knows instructions"],
  },
});
