import { bearer, bearerOf, documents, query, results, type WireTable } from "./wire-case.ts";

/** Jina's flat request and answer, at providers that LiteLLM cannot ask. */
export const flatShapes: readonly WireTable[] = [
  {
    provider: "siliconflow",
    headers: bearer,
    body: { model: "BAAI/bge-reranker-v2-m3", query, documents, top_n: 3, return_documents: false },
    answer: { id: "1", results, meta: { tokens: { input_tokens: 90, output_tokens: 0 } } },
    cases: [
      {
        entry: "{ model: siliconflow/BAAI/bge-reranker-v2-m3, api_key: os.environ/KEY }",
        url: "https://api.siliconflow.com/v1/rerank",
      },
      {
        entry: "{ model: siliconflow/BAAI/bge-reranker-v2-m3, api_base: https://api.siliconflow.cn/v1 }",
        environment: { SILICONFLOW_API_KEY: "of-siliconflow" },
        url: "https://api.siliconflow.cn/v1/rerank",
        headers: bearerOf("of-siliconflow"),
      },
      {
        entry: "{ model: siliconflow/Qwen/Qwen3-Reranker-8B, api_key: os.environ/KEY }",
        request: { instruction: "prefer capitals" },
        url: "https://api.siliconflow.com/v1/rerank",
        body: {
          model: "Qwen/Qwen3-Reranker-8B",
          query,
          documents,
          top_n: 3,
          return_documents: false,
          instruction: "prefer capitals",
        },
      },
      {
        entry: "{ model: siliconflow/BAAI/bge-reranker-v2-m3, api_key: os.environ/KEY }",
        request: {
          instruction: "prefer capitals",
          provider_options: { siliconflow: { max_chunks_per_doc: 1024, overlap_tokens: 80 } },
        },
        url: "https://api.siliconflow.com/v1/rerank",
        body: {
          model: "BAAI/bge-reranker-v2-m3",
          query,
          documents,
          top_n: 3,
          return_documents: false,
          max_chunks_per_doc: 1024,
          overlap_tokens: 80,
        },
        warnings: ["SiliconFlow has no instruction; it had no effect"],
      },
    ],
  },
  {
    provider: "novita",
    headers: bearer,
    body: { model: "baai/bge-reranker-v2-m3", query, documents, top_n: 3 },
    answer: { model: "baai/bge-reranker-v2-m3", results, usage: { total_tokens: 90 } },
    cases: [
      {
        entry: "{ model: novita/baai/bge-reranker-v2-m3, api_key: os.environ/KEY }",
        url: "https://api.novita.ai/openai/v1/rerank",
      },
      {
        entry: "{ model: novita/baai/bge-reranker-v2-m3 }",
        environment: { NOVITA_API_KEY: "of-novita" },
        url: "https://api.novita.ai/openai/v1/rerank",
        headers: bearerOf("of-novita"),
      },
    ],
  },
  {
    provider: "openrouter",
    headers: bearer,
    body: { model: "cohere/rerank-5-fast", query, documents },
    answer: {
      id: "1",
      model: "cohere/rerank-5-fast",
      provider: "Cohere",
      results: results.map((result) => ({ ...result, document: { text: "an echo" } })),
      usage: { cost: 0.0004, search_units: 1, total_tokens: 90 },
    },
    cases: [
      {
        entry: "{ model: openrouter/cohere/rerank-5-fast, api_key: os.environ/KEY }",
        url: "https://openrouter.ai/api/v1/rerank",
      },
      {
        entry: "{ model: openrouter/cohere/rerank-5-fast }",
        environment: { OPENROUTER_API_KEY: "of-openrouter" },
        request: { provider_options: { openrouter: { provider: { order: ["Cohere"] }, user: "u-1" } } },
        url: "https://openrouter.ai/api/v1/rerank",
        headers: bearerOf("of-openrouter"),
        body: { model: "cohere/rerank-5-fast", query, documents, provider: { order: ["Cohere"] }, user: "u-1" },
      },
    ],
  },
  {
    provider: "zeroentropy",
    headers: bearer,
    body: { model: "zerank-2", query, documents, latency: "fast" },
    answer: { results, total_tokens: 90, total_bytes: 400, e2e_latency: 0.2, actual_latency_mode: "fast" },
    cases: [
      {
        entry: "{ model: zeroentropy/zerank-2, api_key: os.environ/KEY }",
        url: "https://api.zeroentropy.dev/v1/models/rerank",
      },
      {
        entry: "{ model: zeroentropy/zerank-2 }",
        environment: { ZEROENTROPY_BASE_URL: "https://gateway.test/v1", ZEROENTROPY_API_KEY: "of-the-gateway" },
        url: "https://gateway.test/v1/models/rerank",
        headers: bearerOf("of-the-gateway"),
      },
      {
        entry: "{ model: zeroentropy/zerank-2, api_key: os.environ/KEY }",
        request: { provider_options: { zeroentropy: { latency: "slow" } } },
        url: "https://api.zeroentropy.dev/v1/models/rerank",
        body: { model: "zerank-2", query, documents, latency: "slow" },
      },
    ],
  },
  {
    provider: "contextual",
    headers: bearer,
    body: { model: "ctxl-rerank-v2-instruct-multilingual", query, documents },
    answer: { results },
    cases: [
      {
        entry: "{ model: contextual/ctxl-rerank-v2-instruct-multilingual, api_key: os.environ/KEY }",
        url: "https://api.contextual.ai/v1/rerank",
      },
      {
        entry: "{ model: contextual/ctxl-rerank-v2-instruct-multilingual }",
        environment: { CONTEXTUAL_AI_BASE_URL: "https://gateway.test/v1", CONTEXTUAL_API_KEY: "of-the-gateway" },
        request: { instruction: "prefer capitals" },
        url: "https://gateway.test/v1/rerank",
        headers: bearerOf("of-the-gateway"),
        body: { model: "ctxl-rerank-v2-instruct-multilingual", query, documents, instruction: "prefer capitals" },
      },
    ],
  },
  {
    provider: "prime",
    headers: bearer,
    body: { model: "qwen/qwen3-reranker-0.6b", query, documents },
    answer: { results, usage: { total_tokens: 90 } },
    cases: [
      {
        entry: "{ model: prime/qwen/qwen3-reranker-0.6b, api_key: os.environ/KEY }",
        url: "https://api.pinference.ai/api/v1/rerank",
      },
      {
        entry: "{ model: prime/qwen/qwen3-reranker-0.6b, api_key: os.environ/KEY }",
        request: { instruction: "prefer capitals" },
        url: "https://api.pinference.ai/api/v1/rerank",
        body: { model: "qwen/qwen3-reranker-0.6b", query, documents, instruction: "prefer capitals" },
      },
    ],
  },
  {
    provider: "baidu_qianfan",
    headers: bearer,
    body: { model: "bce-reranker-base", query, documents, top_n: 3 },
    answer: {
      id: "1",
      results: results.map((result) => ({ ...result, document: "an echo" })),
      usage: { total_tokens: 90 },
    },
    cases: [
      {
        entry: "{ model: baidu_qianfan/bce-reranker-base, api_key: os.environ/KEY }",
        url: "https://qianfan.baidubce.com/v2/rerank",
      },
      {
        entry: "{ model: baidu_qianfan/bce-reranker-base, api_key: os.environ/KEY, api_base: https://gateway.test/v2 }",
        url: "https://gateway.test/v2/rerank",
      },
    ],
  },
  flat("huawei_maas", "https://api.modelarts-maas.com/v1/rerank"),
  flat("moark", "https://api.moark.com/v1/rerank"),
  flat("greenpt", "https://api.greenpt.ai/v1/rerank"),
  flat("xinference"),
  flat("gpustack"),
  flat("localai"),
];

/** Nothing but the flat shape is known of these; without an address of its own it is a server of one's own. */
function flat(provider: string, url?: string): WireTable {
  const entry = (more: string): string => `{ model: ${provider}/bge-reranker-v2-m3, api_key: os.environ/KEY${more} }`;
  return {
    provider,
    headers: bearer,
    body: { model: "bge-reranker-v2-m3", query, documents, top_n: 3 },
    answer: { results, usage: { total_tokens: 90 } },
    cases: [
      ...(url === undefined ? [] : [{ entry: entry(""), url }]),
      { entry: entry(", api_base: http://server.test:9997"), url: "http://server.test:9997/v1/rerank" },
      { entry: entry(", api_base: http://server.test:9997/v1"), url: "http://server.test:9997/v1/rerank" },
      { entry: entry(", api_base: http://server.test:9997/v1/rerank"), url: "http://server.test:9997/v1/rerank" },
    ],
  };
}
