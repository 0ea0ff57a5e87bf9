import { bearer, bearerOf, documents, json, query, records, type WireTable } from "./wire-case.ts";

const scored = [
  { index: 2, score: 0.9 },
  { index: 0, score: 0.4 },
  { index: 1, score: 0.1 },
] as const;

const deprecated = "the model nvidia/llama-3.2-nv-rerankqa-1b-v2 is deprecated: use nvidia/llama-nemotron-rerank-1b-v2";

/** Providers with request and answer of their own. */
export const nestedShapes: readonly WireTable[] = [
  {
    provider: "mixedbread",
    headers: bearer,
    body: {
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      query,
      input: documents,
      top_k: 3,
      return_input: false,
      rewrite_query: false,
    },
    answer: {
      object: "list",
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      data: scored.map((row) => ({ ...row, object: "rank_result" })),
      usage: { prompt_tokens: 90, total_tokens: 90 },
      top_k: 3,
      return_input: false,
    },
    cases: [
      {
        entry: "{ model: mixedbread/mixedbread-ai/mxbai-rerank-large-v2, api_key: os.environ/KEY }",
        url: "https://api.mixedbread.com/v1/reranking",
      },
      {
        entry: "{ model: mixedbread/mixedbread-ai/mxbai-rerank-large-v2 }",
        environment: { MIXEDBREAD_BASE_URL: "https://gateway.test", MXBAI_API_KEY: "of-the-gateway" },
        url: "https://gateway.test/v1/reranking",
        headers: bearerOf("of-the-gateway"),
      },
    ],
  },
  {
    provider: "pinecone",
    headers: { ...json, "api-key": "key", "x-pinecone-api-version": "2026-07" },
    body: {
      model: "bge-reranker-v2-m3",
      query,
      documents: records,
      return_documents: false,
      parameters: { truncate: "END" },
    },
    answer: { model: "bge-reranker-v2-m3", data: scored, usage: { rerank_units: 1 } },
    cases: [
      {
        entry: "{ model: pinecone/bge-reranker-v2-m3, api_key: os.environ/KEY }",
        url: "https://api.pinecone.io/rerank",
      },
      {
        entry: "{ model: pinecone/bge-reranker-v2-m3 }",
        environment: { PINECONE_API_KEY: "of-pinecone" },
        request: { truncate: false },
        url: "https://api.pinecone.io/rerank",
        headers: { ...json, "api-key": "of-pinecone", "x-pinecone-api-version": "2026-07" },
        body: {
          model: "bge-reranker-v2-m3",
          query,
          documents: records,
          return_documents: false,
          parameters: { truncate: "NONE" },
        },
      },
    ],
  },
  {
    provider: "isaacus",
    headers: bearer,
    body: { model: "kanon-2-reranker", query, texts: documents, is_iql: false },
    answer: { results: scored, usage: { input_tokens: 90 } },
    cases: [
      {
        entry: "{ model: isaacus/kanon-2-reranker, api_key: os.environ/KEY }",
        url: "https://api.isaacus.com/v1/rerankings",
      },
      {
        entry: "{ model: isaacus/kanon-2-reranker }",
        environment: { ISAACUS_API_KEY: "of-isaacus" },
        request: { provider_options: { isaacus: { scoring_method: "chunk_max" } } },
        url: "https://api.isaacus.com/v1/rerankings",
        headers: bearerOf("of-isaacus"),
        body: { model: "kanon-2-reranker", query, texts: documents, is_iql: false, scoring_method: "chunk_max" },
      },
    ],
  },
  {
    provider: "cloudflare",
    headers: bearer,
    body: { query, contexts: records, top_k: 3 },
    answer: {
      result: { response: scored.map(({ index, score }) => ({ id: index, score })) },
      success: true,
      errors: [],
    },
    cases: [
      {
        entry: "{ model: cloudflare/@cf/baai/bge-reranker-base, api_key: os.environ/KEY }",
        environment: { CLOUDFLARE_ACCOUNT_ID: "023e105f4ecef8ad9ca31a8372d0c353" },
        url: "https://api.cloudflare.com/client/v4/accounts/023e105f4ecef8ad9ca31a8372d0c353/ai/run/@cf/baai/bge-reranker-base",
      },
      {
        entry: "{ model: cloudflare/@cf/baai/bge-reranker-base, account_id: abc }",
        environment: { CLOUDFLARE_API_KEY: "of-cloudflare" },
        url: "https://api.cloudflare.com/client/v4/accounts/abc/ai/run/@cf/baai/bge-reranker-base",
        headers: bearerOf("of-cloudflare"),
      },
      {
        entry:
          "{ model: cloudflare/@cf/baai/bge-reranker-base, api_base: https://api.cloudflare.com/client/v4/accounts/abc/ai/run }",
        environment: { CLOUDFLARE_API_KEY: "of-cloudflare", CLOUDFLARE_ACCOUNT_ID: "abc" },
        url: "https://api.cloudflare.com/client/v4/accounts/abc/ai/run/@cf/baai/bge-reranker-base",
        headers: bearerOf("of-cloudflare"),
      },
    ],
  },
  {
    provider: "elastic",
    headers: { ...json, authorization: "ApiKey key" },
    body: { query, input: documents },
    answer: {
      rerank: [
        { index: 2, relevance_score: 7.5 },
        { index: 0, relevance_score: 0.25 },
        { index: 1, relevance_score: -3.5 },
      ],
    },
    cases: [
      {
        entry: "{ model: elastic/my-rerank, api_key: os.environ/KEY, api_base: https://cluster.es.test:9243 }",
        url: "https://cluster.es.test:9243/_inference/rerank/my-rerank",
      },
      {
        entry:
          "{ model: elastic/.rerank-v1-elasticsearch, api_key: os.environ/KEY, api_base: https://es.test/prefix/ }",
        url: "https://es.test/prefix/_inference/rerank/.rerank-v1-elasticsearch",
      },
    ],
  },
  {
    provider: "deepinfra",
    headers: bearer,
    body: { queries: [query, query, query], documents },
    answer: {
      scores: [0.4, 0.1, 0.9],
      input_tokens: 90,
      request_id: "1",
      inference_status: { status: "succeeded", runtime_ms: 5, cost: 0.0000009, tokens_input: 90 },
    },
    cases: [
      {
        entry: "{ model: deepinfra/Qwen/Qwen3-Reranker-0.6B, api_key: os.environ/KEY }",
        url: "https://api.deepinfra.com/v1/inference/Qwen/Qwen3-Reranker-0.6B",
      },
      {
        entry: "{ model: deepinfra/Qwen/Qwen3-Reranker-0.6B }",
        environment: { DEEPINFRA_API_BASE: "https://gateway.test/v1/openai", DEEPINFRA_API_KEY: "of-the-gateway" },
        url: "https://gateway.test/v1/inference/Qwen/Qwen3-Reranker-0.6B",
        headers: bearerOf("of-the-gateway"),
      },
      {
        entry: "{ model: deepinfra/Qwen/Qwen3-Reranker-0.6B, api_key: os.environ/KEY }",
        request: { instruction: "prefer capitals", provider_options: { deepinfra: { service_tier: "priority" } } },
        url: "https://api.deepinfra.com/v1/inference/Qwen/Qwen3-Reranker-0.6B",
        body: {
          queries: [query, query, query],
          documents,
          instruction: "prefer capitals",
          service_tier: "priority",
        },
      },
    ],
  },
  {
    provider: "nvidia_nim",
    headers: bearer,
    body: {
      model: "nvidia/llama-3.2-nv-rerankqa-1b-v2",
      query: { text: query },
      passages: records,
      truncate: "END",
    },
    answer: {
      rankings: [
        { index: 2, logit: 4.5 },
        { index: 0, logit: -2.25 },
        { index: 1, logit: -9.5 },
      ],
      usage: { total_tokens: 90 },
    },
    cases: [
      {
        entry: "{ model: nvidia_nim/nvidia/llama-3.2-nv-rerankqa-1b-v2, api_key: os.environ/KEY }",
        url: "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking",
        warnings: [deprecated],
      },
      {
        entry: "{ model: nvidia_nim/nvidia/llama-3.2-nv-rerankqa-1b-v2 }",
        environment: { NVIDIA_NIM_API_KEY: "first", NVIDIA_API_KEY: "second" },
        url: "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking",
        warnings: [deprecated],
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: nvidia_nim/nvidia/llama-nemotron-rerank-1b-v2 }",
        environment: { NVIDIA_API_KEY: "second" },
        url: "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-nemotron-rerank-1b-v2/reranking",
        headers: bearerOf("second"),
        body: {
          model: "nvidia/llama-nemotron-rerank-1b-v2",
          query: { text: query },
          passages: records,
          truncate: "END",
        },
      },
      {
        entry: '{ model: "nvidia_nim/nv-rerank-qa-mistral-4b:1", api_key: os.environ/KEY }',
        url: "https://ai.api.nvidia.com/v1/retrieval/nvidia/reranking",
        body: { model: "nv-rerank-qa-mistral-4b:1", query: { text: query }, passages: records, truncate: "END" },
      },
      {
        entry:
          "{ model: nvidia_nim/nvidia/llama-3.2-nv-rerankqa-1b-v2, api_key: os.environ/KEY, api_base: https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking }",
        url: "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking",
        warnings: [deprecated],
      },
      {
        entry:
          "{ model: nvidia_nim/ranking/nvidia/llama-3.2-nv-rerankqa-1b-v2, api_key: os.environ/KEY, api_base: http://nim.test:8000 }",
        request: { truncate: false },
        url: "http://nim.test:8000/v1/ranking",
        body: {
          model: "nvidia/llama-3.2-nv-rerankqa-1b-v2",
          query: { text: query },
          passages: records,
          truncate: "NONE",
        },
      },
      {
        entry:
          "{ model: nvidia_nim/ranking/nvidia/llama-3.2-nv-rerankqa-1b-v2, api_key: os.environ/KEY, api_base: http://nim.test:8000/v1 }",
        url: "http://nim.test:8000/v1/ranking",
      },
      {
        entry: "{ model: nvidia_nim/ranking/nvidia/llama-3.2-nv-rerankqa-1b-v2 }",
        environment: { NVIDIA_NIM_API_BASE: "http://nim.test:8000", NVIDIA_API_KEY: "withheld" },
        url: "http://nim.test:8000/v1/ranking",
        headers: json,
      },
    ],
  },
];
