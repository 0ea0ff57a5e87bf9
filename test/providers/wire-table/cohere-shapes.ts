import { bearer, bearerOf, documents, json, query, results, type WireTable } from "./wire-case.ts";

const answer = { id: "1", results, meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } } };

/** Cohere, its models at Azure, and proxies behind this one. */
export const cohereShapes: readonly WireTable[] = [
  {
    provider: "cohere",
    headers: bearer,
    body: { model: "rerank-v3.5", query, documents },
    answer,
    cases: [
      { entry: "{ model: cohere/rerank-v3.5, api_key: os.environ/KEY }", url: "https://api.cohere.com/v2/rerank" },
      {
        entry: "{ model: cohere/rerank-v3.5 }",
        environment: { COHERE_API_KEY: "first", CO_API_KEY: "second" },
        url: "https://api.cohere.com/v2/rerank",
        headers: bearerOf("first"),
      },
      {
        entry: "{ model: cohere/rerank-v3.5 }",
        environment: { CO_API_KEY: "second" },
        url: "https://api.cohere.com/v2/rerank",
        headers: bearerOf("second"),
      },
      {
        entry: "{ model: cohere/rerank-v3.5, api_key: os.environ/KEY, api_base: https://api.cohere.ai }",
        url: "https://api.cohere.ai/v2/rerank",
      },
      {
        entry: "{ model: cohere/rerank-v3.5, api_key: os.environ/KEY, api_base: https://api.cohere.com/v1/rerank }",
        url: "https://api.cohere.com/v1/rerank",
      },
      {
        entry: "{ model: cohere/rerank-v3.5, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/v2/rerank",
      },
      {
        entry: "{ model: cohere/rerank-v3.5, api_key: os.environ/KEY, api_base: https://gateway.test/v1 }",
        url: "https://gateway.test/v1/rerank",
      },
      {
        entry: "{ model: cohere/rerank-v3.5, api_key: os.environ/KEY, api_base: https://gateway.test/v2/rerank/ }",
        url: "https://gateway.test/v2/rerank",
      },
      {
        entry: "{ model: cohere/rerank-v3.5, api_base: https://gateway.test }",
        environment: { COHERE_API_KEY: "withheld", CO_API_KEY: "withheld" },
        url: "https://gateway.test/v2/rerank",
        headers: json,
      },
      {
        entry: "{ model: cohere/rerank-v3.5 }",
        environment: {
          COHERE_API_BASE: "https://gateway.test",
          COHERE_API_KEY: "of-the-gateway",
          CO_API_KEY: "withheld",
        },
        url: "https://gateway.test/v2/rerank",
        headers: bearerOf("of-the-gateway"),
      },
      {
        entry: "{ model: cohere/rerank-v5.0-pro, api_key: os.environ/KEY }",
        request: { max_tokens_per_doc: 512, provider_options: { cohere: { priority: 7 } } },
        url: "https://api.cohere.com/v2/rerank",
        body: { model: "rerank-v5.0-pro", query, documents, max_tokens_per_doc: 512, priority: 7 },
      },
      {
        entry: "{ model: cohere/rerank-v5.0-pro, api_key: os.environ/KEY }",
        request: { instruction: "prefer capitals", truncate: false },
        url: "https://api.cohere.com/v2/rerank",
        body: { model: "rerank-v5.0-pro", query, documents },
        warnings: ["Cohere has no truncate: false; it had no effect", "Cohere has no instruction; it had no effect"],
      },
    ],
  },
  {
    provider: "azure_ai",
    headers: bearer,
    body: { model: "cohere-rerank-v4.0-pro", query, documents },
    answer,
    cases: [
      {
        entry:
          "{ model: azure_ai/cohere-rerank-v4.0-pro, api_key: os.environ/KEY, api_base: https://mine.services.ai.azure.com }",
        url: "https://mine.services.ai.azure.com/providers/cohere/v2/rerank",
      },
      {
        entry:
          "{ model: azure_ai/cohere-rerank-v4.0-pro, api_key: os.environ/KEY, api_base: https://mine.services.ai.azure.com/providers/cohere/v2 }",
        url: "https://mine.services.ai.azure.com/providers/cohere/v2/rerank",
      },
      {
        entry:
          "{ model: azure_ai/cohere-rerank-v4.0-pro, api_key: os.environ/KEY, api_base: https://mine.eastus.models.ai.azure.com }",
        url: "https://mine.eastus.models.ai.azure.com/v1/rerank",
      },
      {
        entry:
          "{ model: azure_ai/cohere-rerank-v4.0-pro, api_key: os.environ/KEY, api_base: https://mine.eastus.models.ai.azure.com/v2 }",
        url: "https://mine.eastus.models.ai.azure.com/v2/rerank",
      },
      {
        entry:
          "{ model: azure_ai/cohere-rerank-v4.0-pro, api_key: os.environ/KEY, api_base: https://mine.eastus.models.ai.azure.com/v1/rerank }",
        url: "https://mine.eastus.models.ai.azure.com/v1/rerank",
      },
      {
        entry: "{ model: azure_ai/cohere-rerank-v4.0-pro }",
        environment: { AZURE_AI_API_BASE: "https://mine.services.ai.azure.com", AZURE_AI_API_KEY: "of-azure" },
        url: "https://mine.services.ai.azure.com/providers/cohere/v2/rerank",
        headers: bearerOf("of-azure"),
      },
      {
        entry: "{ model: azure_ai/cohere-rerank-v4.0-pro, api_key: os.environ/KEY, api_base: https://gateway.test }",
        url: "https://gateway.test/v1/rerank",
      },
    ],
  },
  {
    provider: "litellm_proxy",
    headers: bearer,
    body: { model: "rerank", query, documents },
    answer: { ...answer, usage: { prompt_tokens: 30, total_tokens: 30 } },
    cases: [
      {
        entry: "{ model: litellm_proxy/rerank, api_key: os.environ/KEY, api_base: http://litellm.test:4000 }",
        url: "http://litellm.test:4000/v1/rerank",
      },
      {
        entry: "{ model: litellm_proxy/rerank, api_key: os.environ/KEY, api_base: http://litellm.test:4000/v2/rerank }",
        url: "http://litellm.test:4000/v2/rerank",
      },
      {
        entry: "{ model: litellm_proxy/rerank }",
        environment: { LITELLM_PROXY_API_BASE: "http://litellm.test:4000", LITELLM_PROXY_API_KEY: "of-the-proxy" },
        url: "http://litellm.test:4000/v1/rerank",
        headers: bearerOf("of-the-proxy"),
      },
    ],
  },
  {
    provider: "dheera_ai",
    headers: bearer,
    body: { model: "rerank", query, documents },
    answer: { ...answer, meta: { ...answer.meta, score_kind: "probability" } },
    cases: [
      {
        entry: "{ model: dheera_ai/rerank, api_key: os.environ/KEY, api_base: http://dheera.test:4000 }",
        request: {
          truncate: false,
          truncation_direction: "left",
          raw_scores: true,
          instruction: "prefer capitals",
          max_tokens_per_doc: 64,
        },
        url: "http://dheera.test:4000/v1/rerank",
        body: {
          model: "rerank",
          query,
          documents,
          truncate: false,
          truncation_direction: "left",
          raw_scores: true,
          instruction: "prefer capitals",
          max_tokens_per_doc: 64,
        },
      },
      {
        entry: "{ model: dheera_ai/rerank }",
        environment: { DHEERA_AI_API_BASE: "http://dheera.test:4000/v1", DHEERA_AI_API_KEY: "of-the-proxy" },
        url: "http://dheera.test:4000/v1/rerank",
        headers: bearerOf("of-the-proxy"),
      },
      {
        entry: "{ model: dheera_ai/rerank, api_base: http://dheera.test:4000 }",
        environment: { DHEERA_AI_API_KEY: "withheld" },
        url: "http://dheera.test:4000/v1/rerank",
        headers: json,
      },
    ],
  },
];
