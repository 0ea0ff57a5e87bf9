import * as v from "valibot";

import { flatBody, never } from "./bodies.ts";
import { dashScope, detail, numbered, openAi, withMetadata } from "./error-bodies.ts";
import type { Asked, Row, StandIn } from "./stand-in.ts";

const bearer = { authorization: "Bearer the-key" };
const asItIs = (relevance: number): number => relevance;

function results(rows: readonly Row[]): readonly unknown[] {
  return rows.map(({ index, score }) => ({ index, relevance_score: score }));
}

/** The documents are sent back although nobody asked. */
function echoed(rows: readonly Row[], asked: Asked, echo: (text: string) => unknown): readonly unknown[] {
  return rows.map(({ index, score }) => ({
    index,
    relevance_score: score,
    document: echo(asked.documents[index] ?? ""),
  }));
}

/** Providers with Jina's request and answer, each with what is its own. */
export const flatProviders: readonly StandIn[] = [
  {
    provider: "jina_ai",
    model: "jina-reranker-v2-base-multilingual",
    url: "https://api.jina.ai/v1/rerank",
    auth: bearer,
    body: flatBody({ model: "jina-reranker-v2-base-multilingual", more: { return_documents: v.literal(false) } }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      model: "jina-reranker-v2-base-multilingual",
      usage: { total_tokens: 90 },
      results: results(rows),
    }),
    used: { inputTokens: 90 },
    costs: 0.0000045,
    limits: { documents: { most: 2_048, status: 422 } },
    error: detail,
  },
  {
    provider: "jina_ai",
    model: "jina-reranker-v3.5",
    url: "https://api.jina.ai/v1/rerank",
    auth: bearer,
    body: flatBody({ model: "jina-reranker-v3.5", more: { return_documents: v.literal(false) } }),
    scoreKind: "cosine",
    scoreOf: (relevance) => 2 * relevance - 1,
    answer: (rows, asked) => ({
      model: "jina-reranker-v3.5",
      usage: { total_tokens: 90 },
      results: echoed(rows, asked, (text) => ({ text })),
    }),
    used: { inputTokens: 90 },
    costs: 0.0000045,
    limits: { documents: { most: 2_048, status: 422 } },
    isListwise: true,
    error: detail,
  },
  {
    provider: "voyage",
    model: "rerank-1",
    url: "https://api.voyageai.com/v1/rerank",
    auth: bearer,
    body: flatBody({
      model: "rerank-1",
      topN: "top_k",
      more: { truncation: v.optional(v.boolean()), return_documents: never },
    }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      object: "list",
      data: results(rows),
      model: "rerank-1",
      usage: { total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    costs: 0.0000045,
    limits: {
      documents: { most: 1_000, status: 400 },
      tokens: {
        most: 100_000,
        ofDocument: 8_000,
        status: 400,
        message: (most, sent) =>
          `The max allowed tokens per submitted batch is ${most}. Your batch has ${sent} tokens after truncation.`,
      },
    },
    error: detail,
  },
  {
    provider: "together_ai",
    model: "mixedbread-ai/mxbai-rerank-large-v2",
    url: "https://api.together.ai/v1/rerank",
    auth: bearer,
    body: flatBody({
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      more: { rank_fields: v.optional(v.array(v.string())), return_documents: never },
    }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    answer: (rows, asked) => ({
      object: "rerank",
      id: "1",
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      results: echoed(rows, asked, (text) => ({ text })),
      usage: { prompt_tokens: 90, completion_tokens: 0, total_tokens: 90 },
    }),
    used: { inputTokens: 90, outputTokens: 0 },
    limits: { documents: { most: 1_024, status: 400 } },
    error: openAi,
    rateHeaders: {
      "retry-after": "7",
      "x-ratelimit-limit": "60",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "7",
    },
  },
  {
    provider: "fireworks_ai",
    model: "qwen3-reranker-8b",
    url: "https://api.fireworks.ai/inference/v1/rerank",
    auth: bearer,
    body: flatBody({
      model: "fireworks/qwen3-reranker-8b",
      more: { task: v.optional(v.string()), return_documents: never },
    }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    answer: (rows, asked) => ({
      object: "list",
      model: "fireworks/qwen3-reranker-8b",
      data: echoed(rows, asked, (text) => text),
      usage: { prompt_tokens: 90, completion_tokens: 0, total_tokens: 90 },
    }),
    used: { inputTokens: 90, outputTokens: 0 },
    costs: 0.000018,
    limits: {},
    error: openAi,
    rateHeaders: { "retry-after": "7", "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0" },
  },
  {
    provider: "siliconflow",
    model: "BAAI/bge-reranker-v2-m3",
    url: "https://api.siliconflow.com/v1/rerank",
    auth: bearer,
    body: flatBody({
      model: "BAAI/bge-reranker-v2-m3",
      more: {
        return_documents: never,
        max_chunks_per_doc: v.optional(v.number()),
        overlap_tokens: v.optional(v.pipe(v.number(), v.maxValue(80))),
      },
    }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      id: "1",
      results: results(rows),
      meta: { tokens: { input_tokens: 90, output_tokens: 0 } },
    }),
    used: { inputTokens: 90, outputTokens: 0 },
    limits: {},
    error: numbered,
    providerOptions: {
      accepted: [{ max_chunks_per_doc: 1_024, overlap_tokens: 80 }],
      refused: [{ return_documents: true }, { top_n: 3 }],
    },
  },
  {
    provider: "scaleway",
    model: "qwen3-reranker-4b",
    url: "https://api.scaleway.ai/v1/rerank",
    auth: bearer,
    body: flatBody({ model: "qwen3-reranker-4b", topNRequired: true }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    answer: (rows) => ({
      model: "qwen3-reranker-4b",
      results: results(rows),
      usage: { total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    limits: {},
    error: openAi,
  },
  {
    provider: "novita",
    model: "baai/bge-reranker-v2-m3",
    url: "https://api.novita.ai/openai/v1/rerank",
    auth: bearer,
    body: flatBody({ model: "baai/bge-reranker-v2-m3", more: { return_documents: never } }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    order: "unranked",
    answer: (rows) => ({
      model: "baai/bge-reranker-v2-m3",
      results: results(rows),
      usage: { total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    costs: 0.0000009,
    limits: {},
    error: numbered,
  },
  {
    provider: "openrouter",
    model: "cohere/rerank-5-fast",
    url: "https://openrouter.ai/api/v1/rerank",
    auth: bearer,
    body: flatBody({
      model: "cohere/rerank-5-fast",
      more: {
        provider: v.optional(v.record(v.string(), v.unknown())),
        user: v.optional(v.string()),
        session_id: v.optional(v.string()),
        trace: v.optional(v.record(v.string(), v.unknown())),
      },
    }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows, asked) => ({
      id: "1",
      model: "cohere/rerank-5-fast",
      provider: "Cohere",
      results: echoed(rows, asked, (text) => ({ text })),
      usage: { cost: 0.0004, search_units: 1, total_tokens: 90 },
    }),
    used: { inputTokens: 90, searchUnits: 1, cost: 0.0004 },
    costs: 0.0004,
    limits: {},
    error: withMetadata,
    rateHeaders: { "retry-after": "7", "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0" },
    providerOptions: {
      accepted: [{ provider: { order: ["Cohere"] }, user: "u", session_id: "s", trace: {} }],
      refused: [{ top_n: 3 }, { models: ["a", "b"] }],
    },
  },
  {
    provider: "zeroentropy",
    model: "zerank-2",
    url: "https://api.zeroentropy.dev/v1/models/rerank",
    auth: bearer,
    body: flatBody({ model: "zerank-2", more: { latency: v.picklist(["fast", "slow"]) } }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      results: results(rows),
      total_tokens: 90,
      total_bytes: 400,
      e2e_latency: 0.2,
      inference_latency: 0.1,
      actual_latency_mode: "fast",
    }),
    used: { inputTokens: 90 },
    limits: {},
    error: detail,
    providerOptions: { accepted: [{ latency: "slow" }], refused: [{ top_n: 3 }] },
  },
  {
    provider: "contextual",
    model: "ctxl-rerank-v2-instruct-multilingual",
    url: "https://api.contextual.ai/v1/rerank",
    auth: bearer,
    body: flatBody({
      model: "ctxl-rerank-v2-instruct-multilingual",
      more: { instruction: v.optional(v.string()), metadata: v.optional(v.array(v.string())) },
    }),
    scoreKind: "probability",
    scoreOf: (relevance) => Math.round(relevance * 1e8) / 1e8,
    answer: (rows) => ({ results: results(rows) }),
    limits: { tokens: { most: 400_000, ofDocument: 8_000, status: 400 } },
    error: detail,
  },
  {
    provider: "prime",
    model: "qwen/qwen3-reranker-0.6b",
    url: "https://api.pinference.ai/api/v1/rerank",
    auth: bearer,
    body: flatBody({ model: "qwen/qwen3-reranker-0.6b", more: { instruction: v.optional(v.string()) } }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({ results: results(rows), usage: { total_tokens: 90 } }),
    used: { inputTokens: 90 },
    costs: 0.000018,
    limits: {
      documents: { most: 1_000, status: 400 },
      bytes: { most: 16 * 1_024 * 1_024, status: 413 },
    },
    error: openAi,
  },
  {
    provider: "baidu_qianfan",
    model: "bce-reranker-base",
    url: "https://qianfan.baidubce.com/v2/rerank",
    auth: bearer,
    body: flatBody({ model: "bce-reranker-base" }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    answer: (rows, asked) => ({
      id: "1",
      object: "rerank_list",
      results: echoed(rows, asked, (text) => text),
      usage: { prompt_tokens: 90, total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    limits: {},
    error: openAi,
  },
  compatible("dashscope", "https://dashscope.aliyuncs.com/compatible-api/v1/reranks", 0.00000621),
  compatible("qwencloud", "https://dashscope-intl.aliyuncs.com/compatible-api/v1/reranks", 0.000009),
  compatible("qwen_ai_platform", "https://dashscope.aliyuncs.com/compatible-api/v1/reranks", 0.00000621),
  plain("huawei_maas", "https://api.modelarts-maas.com"),
  plain("moark", "https://api.moark.com"),
  plain("greenpt", "https://api.greenpt.ai"),
  { ...plain("xinference", "http://xinference.test:9997"), params: { api_base: "http://xinference.test:9997" } },
  { ...plain("gpustack", "http://gpustack.test"), params: { api_base: "http://gpustack.test" } },
  { ...plain("localai", "http://localai.test:8080"), params: { api_base: "http://localai.test:8080" } },
];

/** DashScope under one of LiteLLM's names for it. */
function compatible(provider: string, url: string, costs: number): StandIn {
  return {
    provider,
    model: "qwen3-rerank",
    url,
    auth: bearer,
    body: flatBody({ model: "qwen3-rerank", more: { return_documents: never } }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      object: "list",
      model: "qwen3-rerank",
      id: "1",
      results: results(rows),
      usage: { total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    costs,
    limits: {
      documents: { most: 500, status: 400 },
      tokens: { most: 120_000, ofDocument: 4_000, status: 400 },
      characters: { most: 300_000, status: 400 },
    },
    error: dashScope,
  };
}

/** A server of which nothing but the shape is known; some of these answer unsorted. */
function plain(provider: string, origin: string): StandIn {
  return {
    provider,
    model: "bge-reranker-v2-m3",
    url: `${origin}/v1/rerank`,
    auth: bearer,
    body: flatBody({ model: "bge-reranker-v2-m3", more: { return_documents: never } }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    order: "unranked",
    answer: (rows) => ({
      model: "bge-reranker-v2-m3",
      results: results(rows),
      usage: { total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    limits: {},
    error: openAi,
  };
}
