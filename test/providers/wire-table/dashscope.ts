import { bearer, bearerOf, documents, query, results, type WireTable } from "./wire-case.ts";

const body = { model: "qwen3-rerank", query, documents };
const answer = { object: "list", model: "qwen3-rerank", id: "1", results, usage: { total_tokens: 90 } };

/** Alibaba's models under LiteLLM's three names, and in the dialect of its own client. */
export const dashScope: readonly WireTable[] = [
  {
    provider: "dashscope",
    headers: bearer,
    body,
    answer,
    cases: [
      {
        entry: "{ model: dashscope/qwen3-rerank, api_key: os.environ/KEY }",
        url: "https://dashscope.aliyuncs.com/compatible-api/v1/reranks",
      },
      {
        entry: "{ model: dashscope/qwen3-rerank, api_base: https://dashscope-intl.aliyuncs.com/compatible-mode/v1 }",
        environment: { DASHSCOPE_API_KEY: "of-dashscope" },
        url: "https://dashscope-intl.aliyuncs.com/compatible-api/v1/reranks",
        headers: bearerOf("of-dashscope"),
      },
      {
        entry:
          "{ model: dashscope/qwen3-rerank, api_base: https://ws.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1 }",
        environment: { DASHSCOPE_API_KEY: "of-dashscope" },
        url: "https://ws.ap-southeast-1.maas.aliyuncs.com/compatible-api/v1/reranks",
        headers: bearerOf("of-dashscope"),
      },
      {
        entry:
          "{ model: dashscope/qwen3-rerank, api_key: os.environ/KEY, api_base: https://gateway.test/compatible-api/v1/reranks }",
        url: "https://gateway.test/compatible-api/v1/reranks",
      },
      {
        entry:
          "{ model: dashscope/qwen3-rerank, api_key: os.environ/KEY, api_base: https://dashscope-us.aliyuncs.com }",
        url: "https://dashscope-us.aliyuncs.com/compatible-api/v1/reranks",
      },
      {
        entry: "{ model: dashscope/qwen3-rerank, api_key: os.environ/KEY, api_base: https://gateway.test/v1 }",
        url: "https://gateway.test/v1/reranks",
      },
      {
        entry: "{ model: dashscope/qwen3-rerank, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/reranks",
      },
      {
        entry: "{ model: dashscope/qwen3-rerank }",
        environment: {
          DASHSCOPE_API_BASE_RERANK: "https://gateway.test/compatible-api/v1/reranks",
          DASHSCOPE_API_KEY: "of-the-gateway",
        },
        url: "https://gateway.test/compatible-api/v1/reranks",
        headers: bearerOf("of-the-gateway"),
      },
    ],
  },
  {
    provider: "qwencloud",
    headers: bearer,
    body,
    answer,
    cases: [
      {
        entry: "{ model: qwencloud/qwen3-rerank, api_key: os.environ/KEY }",
        url: "https://dashscope-intl.aliyuncs.com/compatible-api/v1/reranks",
      },
      {
        entry: "{ model: qwencloud/qwen3-rerank }",
        environment: { QWENCLOUD_API_KEY: "first", DASHSCOPE_API_KEY: "second" },
        url: "https://dashscope-intl.aliyuncs.com/compatible-api/v1/reranks",
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: qwencloud/qwen3-rerank }",
        environment: { DASHSCOPE_API_KEY: "second" },
        url: "https://dashscope-intl.aliyuncs.com/compatible-api/v1/reranks",
        headers: bearerOf("second"),
      },
      {
        entry: "{ model: qwencloud/qwen3-rerank }",
        environment: {
          QWENCLOUD_API_BASE_RERANK: "https://gateway.test/compatible-api/v1/reranks",
          QWENCLOUD_API_KEY: "of-the-gateway",
        },
        url: "https://gateway.test/compatible-api/v1/reranks",
        headers: bearerOf("of-the-gateway"),
      },
    ],
  },
  {
    provider: "qwen_ai_platform",
    headers: bearer,
    body,
    answer,
    cases: [
      {
        entry: "{ model: qwen_ai_platform/qwen3-rerank, api_key: os.environ/KEY }",
        url: "https://dashscope.aliyuncs.com/compatible-api/v1/reranks",
      },
      {
        entry: "{ model: qwen_ai_platform/qwen3-rerank }",
        environment: { QWEN_AI_PLATFORM_API_KEY: "first", DASHSCOPE_API_KEY: "second" },
        url: "https://dashscope.aliyuncs.com/compatible-api/v1/reranks",
        headers: bearerOf("first"),
      },
    ],
  },
  {
    provider: "dashscope_native",
    headers: bearer,
    body: { model: "qwen3-rerank", input: { query, documents }, parameters: { top_n: 3, return_documents: false } },
    answer: { output: { results }, usage: { total_tokens: 90 }, request_id: "1" },
    cases: [
      {
        entry: "{ model: dashscope_native/qwen3-rerank, api_key: os.environ/KEY }",
        url: "https://dashscope.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
      },
      {
        entry: "{ model: dashscope_native/qwen3-rerank, api_base: https://dashscope-intl.aliyuncs.com }",
        environment: { DASHSCOPE_API_KEY: "of-dashscope" },
        request: { instruction: "prefer capitals" },
        url: "https://dashscope-intl.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
        headers: bearerOf("of-dashscope"),
        body: {
          model: "qwen3-rerank",
          input: { query, documents },
          parameters: { top_n: 3, return_documents: false, instruct: "prefer capitals" },
        },
      },
    ],
  },
];
