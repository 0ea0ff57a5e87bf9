import { bearer, bearerOf, documents, json, query, results, type WireTable } from "./wire-case.ts";

/** Jina's flat request and answer, at the providers that LiteLLM has too. */
export const jinaShapes: readonly WireTable[] = [
  {
    provider: "jina_ai",
    headers: bearer,
    body: { model: "jina-reranker-v3.5", query, documents, return_documents: false },
    answer: { model: "jina-reranker-v3.5", usage: { total_tokens: 90 }, results },
    cases: [
      { entry: "{ model: jina_ai/jina-reranker-v3.5, api_key: os.environ/KEY }", url: "https://api.jina.ai/v1/rerank" },
      {
        entry: "{ model: jina_ai/jina-reranker-v3.5 }",
        environment: { JINA_AI_API_KEY: "first", JINA_API_KEY: "second", JINA_AI_TOKEN: "third" },
        url: "https://api.jina.ai/v1/rerank",
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: jina_ai/jina-reranker-v3.5 }",
        environment: { JINA_API_KEY: "second", JINA_AI_TOKEN: "third" },
        url: "https://api.jina.ai/v1/rerank",
        headers: bearerOf("second"),
      },
      {
        entry: "{ model: jina_ai/jina-reranker-v3.5 }",
        environment: { JINA_AI_TOKEN: "third" },
        url: "https://api.jina.ai/v1/rerank",
        headers: bearerOf("third"),
      },
      {
        entry: "{ model: jina_ai/jina-reranker-v3.5, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/v1/rerank",
      },
      {
        entry:
          "{ model: jina_ai/jina-reranker-v3.5, api_key: os.environ/KEY, api_base: https://gateway.test/any/path/v2 }",
        url: "https://gateway.test/v1/rerank",
      },
      {
        entry: "{ model: jina_ai/jina-reranker-v3.5, api_base: https://gateway.test }",
        environment: { JINA_AI_API_KEY: "withheld", JINA_API_KEY: "withheld", JINA_AI_TOKEN: "withheld" },
        url: "https://gateway.test/v1/rerank",
        headers: json,
      },
      {
        entry: "{ model: jina_ai/jina-reranker-v3.5 }",
        environment: { JINA_AI_API_BASE: "https://gateway.test", JINA_AI_API_KEY: "of-the-gateway" },
        url: "https://gateway.test/v1/rerank",
        headers: bearerOf("of-the-gateway"),
      },
      {
        entry: "{ model: jina_ai/jina-reranker-m0, api_key: os.environ/KEY }",
        request: { truncate: false, raw_scores: true },
        url: "https://api.jina.ai/v1/rerank",
        body: { model: "jina-reranker-m0", query, documents, return_documents: false },
        warnings: [
          "Jina AI has no truncate: false; it had no effect",
          "Jina AI has no raw_scores: true; it had no effect",
        ],
      },
    ],
  },
  {
    provider: "voyage",
    headers: bearer,
    body: { model: "rerank-2.5", query, documents, return_documents: false },
    answer: { object: "list", data: results, model: "rerank-2.5", usage: { total_tokens: 90 } },
    cases: [
      { entry: "{ model: voyage/rerank-2.5, api_key: os.environ/KEY }", url: "https://api.voyageai.com/v1/rerank" },
      {
        entry: "{ model: voyage/rerank-2.5, api_key: al-1234 }",
        url: "https://ai.mongodb.com/v1/rerank",
        headers: bearerOf("al-1234"),
      },
      {
        entry: "{ model: voyage/rerank-2.5 }",
        environment: { VOYAGE_API_KEY: "al-5678" },
        url: "https://ai.mongodb.com/v1/rerank",
        headers: bearerOf("al-5678"),
      },
      {
        entry: "{ model: voyage/rerank-2.5, api_key: al-1234, api_base: https://gateway.test/v1 }",
        url: "https://gateway.test/v1/rerank",
        headers: bearerOf("al-1234"),
      },
      {
        entry: "{ model: voyage/rerank-2.5 }",
        environment: { VOYAGE_API_KEY: "first", VOYAGE_AI_API_KEY: "second", VOYAGE_AI_TOKEN: "third" },
        url: "https://api.voyageai.com/v1/rerank",
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: voyage/rerank-2.5 }",
        environment: { VOYAGE_AI_API_KEY: "second", VOYAGE_AI_TOKEN: "third" },
        url: "https://api.voyageai.com/v1/rerank",
        headers: bearerOf("second"),
      },
      {
        entry: "{ model: voyage/rerank-2.5 }",
        environment: { VOYAGE_API_BASE: "https://gateway.test/v1", VOYAGE_API_KEY: "of-the-gateway" },
        url: "https://gateway.test/v1/rerank",
        headers: bearerOf("of-the-gateway"),
      },
      {
        entry: "{ model: voyage/rerank-2.5, api_key: os.environ/KEY, api_base: https://gateway.test/v1/rerank }",
        url: "https://gateway.test/v1/rerank",
      },
      {
        entry: "{ model: voyage/rerank-2.5, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/v1/rerank",
      },
      {
        entry: "{ model: voyage/rerank-2.5, api_key: os.environ/KEY }",
        request: { truncate: false },
        url: "https://api.voyageai.com/v1/rerank",
        body: { model: "rerank-2.5", query, documents, return_documents: false, truncation: false },
      },
      {
        entry: "{ model: voyage/rerank-3, api_key: os.environ/KEY }",
        request: { instruction: "Prefer capitals." },
        url: "https://api.voyageai.com/v1/rerank",
        body: { model: "rerank-3", query: `Prefer capitals.\n${query}`, documents, return_documents: false },
      },
      {
        entry: "{ model: voyage/rerank-2, api_key: os.environ/KEY }",
        request: { instruction: "Prefer capitals." },
        url: "https://api.voyageai.com/v1/rerank",
        body: { model: "rerank-2", query, documents, return_documents: false },
        warnings: ["Voyage AI has no instruction; it had no effect"],
      },
    ],
  },
  {
    provider: "together_ai",
    headers: bearer,
    body: { model: "mixedbread-ai/mxbai-rerank-large-v2", query, documents, return_documents: false },
    answer: {
      object: "rerank",
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      results,
      usage: { prompt_tokens: 90, completion_tokens: 0, total_tokens: 90 },
    },
    cases: [
      {
        entry: "{ model: together_ai/mixedbread-ai/mxbai-rerank-large-v2, api_key: os.environ/KEY }",
        url: "https://api.together.ai/v1/rerank",
      },
      {
        entry: "{ model: together_ai/mixedbread-ai/mxbai-rerank-large-v2 }",
        environment: {
          TOGETHER_API_KEY: "first",
          TOGETHER_AI_API_KEY: "second",
          TOGETHERAI_API_KEY: "third",
          TOGETHER_AI_TOKEN: "fourth",
        },
        url: "https://api.together.ai/v1/rerank",
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: together_ai/mixedbread-ai/mxbai-rerank-large-v2 }",
        environment: { TOGETHERAI_API_KEY: "third", TOGETHER_AI_TOKEN: "fourth" },
        url: "https://api.together.ai/v1/rerank",
        headers: bearerOf("third"),
      },
      {
        entry:
          "{ model: together_ai/mixedbread-ai/mxbai-rerank-large-v2, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/rerank",
      },
      {
        entry: "{ model: together_ai/mixedbread-ai/mxbai-rerank-large-v2, api_base: https://api.together.xyz/v1 }",
        environment: { TOGETHER_API_KEY: "of-together" },
        url: "https://api.together.xyz/v1/rerank",
        headers: bearerOf("of-together"),
      },
      {
        entry: "{ model: together_ai/mixedbread-ai/mxbai-rerank-large-v2 }",
        environment: { TOGETHER_AI_API_BASE: "https://gateway.test/v1", TOGETHER_API_KEY: "of-the-gateway" },
        url: "https://gateway.test/v1/rerank",
        headers: bearerOf("of-the-gateway"),
      },
    ],
  },
  {
    provider: "fireworks_ai",
    headers: bearer,
    body: { model: "fireworks/qwen3-reranker-8b", query, documents, return_documents: false },
    answer: {
      object: "list",
      model: "fireworks/qwen3-reranker-8b",
      data: results,
      usage: { prompt_tokens: 90, completion_tokens: 0, total_tokens: 90 },
    },
    cases: [
      {
        entry: "{ model: fireworks_ai/qwen3-reranker-8b, api_key: os.environ/KEY }",
        url: "https://api.fireworks.ai/inference/v1/rerank",
      },
      {
        entry: "{ model: fireworks_ai/fireworks/qwen3-reranker-8b, api_key: os.environ/KEY }",
        url: "https://api.fireworks.ai/inference/v1/rerank",
      },
      {
        entry: "{ model: fireworks_ai/accounts/fireworks/models/qwen3-reranker-8b, api_key: os.environ/KEY }",
        url: "https://api.fireworks.ai/inference/v1/rerank",
        body: { model: "accounts/fireworks/models/qwen3-reranker-8b", query, documents, return_documents: false },
      },
      {
        entry: "{ model: fireworks_ai/qwen3-reranker-8b, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/inference/v1/rerank",
      },
      {
        entry: "{ model: fireworks_ai/qwen3-reranker-8b, api_key: os.environ/KEY, api_base: https://gateway.test/v1 }",
        url: "https://gateway.test/v1/rerank",
      },
      {
        entry: "{ model: fireworks_ai/qwen3-reranker-8b }",
        environment: { FIREWORKS_API_KEY: "first", FIREWORKS_AI_API_KEY: "second" },
        url: "https://api.fireworks.ai/inference/v1/rerank",
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: fireworks_ai/qwen3-reranker-8b }",
        environment: { FIREWORKSAI_API_KEY: "third", FIREWORKS_AI_TOKEN: "fourth" },
        url: "https://api.fireworks.ai/inference/v1/rerank",
        headers: bearerOf("third"),
      },
      {
        entry: "{ model: fireworks_ai/qwen3-reranker-8b, api_key: os.environ/KEY }",
        environment: { FIREWORKS_AI_API_BASE: "https://gateway.test/inference/v1" },
        request: { instruction: "prefer capitals" },
        url: "https://gateway.test/inference/v1/rerank",
        body: {
          model: "fireworks/qwen3-reranker-8b",
          query,
          documents,
          return_documents: false,
          task: "prefer capitals",
        },
      },
    ],
  },
  {
    provider: "scaleway",
    headers: bearer,
    body: { model: "qwen3-reranker-4b", query, documents, top_n: 3 },
    answer: { model: "qwen3-reranker-4b", results, usage: { total_tokens: 90 } },
    cases: [
      {
        entry: "{ model: scaleway/qwen3-reranker-4b, api_key: os.environ/KEY }",
        url: "https://api.scaleway.ai/v1/rerank",
      },
      {
        entry: "{ model: scaleway/qwen3-reranker-4b }",
        environment: { SCW_SECRET_KEY: "of-scaleway" },
        url: "https://api.scaleway.ai/v1/rerank",
        headers: bearerOf("of-scaleway"),
      },
      {
        entry: "{ model: scaleway/qwen3-reranker-4b, api_key: os.environ/KEY, api_base: https://gateway.test/v1 }",
        url: "https://gateway.test/v1/rerank",
      },
    ],
  },
];
