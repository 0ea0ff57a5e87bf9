import * as v from "valibot";

import { flatBody, never, textsOf } from "./bodies.ts";
import { dashScope, elastic, envelope, message, nested, openAi, validation } from "./error-bodies.ts";
import type { StandIn } from "./stand-in.ts";

const bearer = { authorization: "Bearer the-key" };
const asItIs = (relevance: number): number => relevance;
const toLogit = (relevance: number): number => 20 * (relevance - 0.75);
const text = v.strictObject({ text: v.string() });

/** Providers with a request or an answer of their own. */
export const otherProviders: readonly StandIn[] = [
  {
    provider: "cohere",
    model: "rerank-v3.5",
    url: "https://api.cohere.com/v2/rerank",
    auth: bearer,
    body: flatBody({
      model: "rerank-v3.5",
      more: { max_tokens_per_doc: v.optional(v.number()), priority: v.optional(v.number()) },
    }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      id: "1",
      results: rows.map(({ index, score }) => ({ index, relevance_score: score })),
      meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
    }),
    used: { searchUnits: 1 },
    costs: 0.002,
    limits: { documents: { most: 10_000, status: 400 } },
    error: message,
    isPerSearch: true,
    providerOptions: { accepted: [{ priority: 7 }], refused: [{ priority: -1 }, { top_n: 3 }] },
  },
  {
    provider: "azure_ai",
    model: "cohere-rerank-v4.0-pro",
    params: { api_base: "https://mine.services.ai.azure.com" },
    url: "https://mine.services.ai.azure.com/providers/cohere/v2/rerank",
    auth: bearer,
    body: flatBody({ model: "cohere-rerank-v4.0-pro", more: { max_tokens_per_doc: v.optional(v.number()) } }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      id: "1",
      results: rows.map(({ index, score }) => ({ index, relevance_score: score })),
      meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
    }),
    used: { searchUnits: 1 },
    costs: 0.0025,
    limits: { documents: { most: 10_000, status: 400 } },
    error: openAi,
    isPerSearch: true,
  },
  {
    provider: "dashscope_native",
    model: "qwen3-rerank",
    url: "https://dashscope.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
    auth: bearer,
    body: v.pipe(
      v.strictObject({
        model: v.literal("qwen3-rerank"),
        input: v.strictObject({ query: v.string(), documents: v.array(v.string()) }),
        parameters: v.strictObject({
          top_n: v.optional(v.number()),
          return_documents: never,
          instruct: v.optional(v.string()),
        }),
      }),
      v.transform(({ input, parameters }) => ({ ...input, most: parameters.top_n })),
    ),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({
      output: { results: rows.map(({ index, score }) => ({ index, relevance_score: score })) },
      usage: { total_tokens: 90 },
      request_id: "1",
    }),
    used: { inputTokens: 90 },
    costs: 0.00000621,
    limits: {
      documents: { most: 500, status: 400 },
      tokens: { most: 120_000, ofDocument: 4_000, status: 400 },
      characters: { most: 300_000, status: 400 },
    },
    error: dashScope,
  },
  {
    provider: "mixedbread",
    model: "mixedbread-ai/mxbai-rerank-large-v2",
    url: "https://api.mixedbread.com/v1/reranking",
    auth: bearer,
    body: flatBody({
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      documents: "input",
      topN: "top_k",
      more: {
        rank_fields: v.optional(v.array(v.string())),
        return_input: never,
        // On, it scores another query.
        rewrite_query: never,
      },
    }),
    scoreKind: "unknown",
    scoreOf: asItIs,
    mostByDefault: 10,
    answer: (rows, asked) => ({
      object: "list",
      model: "mixedbread-ai/mxbai-rerank-large-v2",
      data: rows.map(({ index, score }) => ({
        index,
        score,
        object: "rank_result",
      })),
      usage: { prompt_tokens: 90, total_tokens: 90 },
      top_k: asked.most ?? 10,
      return_input: false,
    }),
    used: { inputTokens: 90 },
    limits: {},
    error: openAi,
  },
  {
    provider: "pinecone",
    model: "bge-reranker-v2-m3",
    url: "https://api.pinecone.io/rerank",
    auth: { "api-key": "the-key" },
    headers: { "x-pinecone-api-version": "2026-07" },
    body: flatBody({
      model: "bge-reranker-v2-m3",
      areRecords: true,
      more: {
        rank_fields: v.optional(v.array(v.string())),
        return_documents: never,
        parameters: v.strictObject({ truncate: v.picklist(["END", "NONE"]) }),
      },
    }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({ model: "bge-reranker-v2-m3", data: rows, usage: { rerank_units: 1 } }),
    used: { searchUnits: 1 },
    limits: { documents: { most: 100, status: 400 } },
    error: openAi,
    isPerSearch: true,
  },
  {
    provider: "isaacus",
    model: "kanon-2-reranker",
    url: "https://api.isaacus.com/v1/rerankings",
    auth: bearer,
    body: flatBody({
      model: "kanon-2-reranker",
      documents: "texts",
      more: {
        is_iql: v.literal(false),
        scoring_method: v.optional(v.picklist(["auto", "chunk_max", "chunk_avg", "chunk_min"])),
        chunking_options: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
      },
    }),
    scoreKind: "probability",
    scoreOf: asItIs,
    answer: (rows) => ({ results: rows, usage: { input_tokens: 90 } }),
    used: { inputTokens: 90 },
    limits: {},
    error: openAi,
    providerOptions: {
      accepted: [{ scoring_method: "chunk_max", chunking_options: { size: 512 } }],
      refused: [{ is_iql: true }],
    },
  },
  {
    provider: "cloudflare",
    model: "@cf/baai/bge-reranker-base",
    params: { account_id: "023e105f" },
    url: "https://api.cloudflare.com/client/v4/accounts/023e105f/ai/run/@cf/baai/bge-reranker-base",
    auth: bearer,
    body: flatBody({ model: undefined, documents: "contexts", areRecords: true, topN: "top_k" }),
    scoreKind: "unknown",
    scoreOf: toLogit,
    answer: (rows) => ({
      result: { response: rows.map(({ index, score }) => ({ id: index, score })) },
      success: true,
      errors: [],
      messages: [],
    }),
    limits: {},
    error: envelope,
  },
  {
    provider: "elastic",
    model: "my-rerank",
    params: { api_base: "https://cluster.es.test:9243" },
    url: "https://cluster.es.test:9243/_inference/rerank/my-rerank",
    auth: { authorization: "ApiKey the-key" },
    body: flatBody({
      model: undefined,
      documents: "input",
      more: { return_documents: never, task_settings: v.optional(v.record(v.string(), v.unknown())) },
    }),
    scoreKind: "unknown",
    scoreOf: toLogit,
    answer: (rows) => ({
      rerank: rows.map(({ index, score }) => ({ index, relevance_score: score })),
    }),
    limits: {},
    error: elastic,
    providerOptions: { accepted: [{ task_settings: { truncate: "END" } }], refused: [{ top_n: 3 }] },
  },
  {
    provider: "deepinfra",
    model: "Qwen/Qwen3-Reranker-0.6B",
    url: "https://api.deepinfra.com/v1/inference/Qwen/Qwen3-Reranker-0.6B",
    auth: bearer,
    body: v.pipe(
      v.strictObject({
        queries: v.array(v.string()),
        documents: v.array(v.string()),
        instruction: v.optional(v.string()),
        service_tier: v.optional(v.picklist(["default", "priority"])),
      }),
      v.check(({ queries, documents }) => queries.length === documents.length, "as many queries as documents"),
      v.transform(({ queries, documents }) => ({ query: queries[0] ?? "", documents })),
    ),
    scoreKind: "probability",
    scoreOf: asItIs,
    order: "positions",
    answer: (rows) => ({
      scores: rows.map(({ score }) => score),
      input_tokens: 90,
      request_id: "1",
      inference_status: { status: "succeeded", runtime_ms: 5, cost: 0.0000009, tokens_input: 90 },
    }),
    used: { inputTokens: 90, cost: 0.0000009 },
    costs: 0.0000009,
    limits: {},
    error: nested,
    providerOptions: { accepted: [{ service_tier: "priority" }], refused: [{ webhook: "https://x.test" }] },
  },
  {
    provider: "nvidia_nim",
    model: "nvidia/llama-3.2-nv-rerankqa-1b-v2",
    url: "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking",
    ...nim("nvidia/llama-3.2-nv-rerankqa-1b-v2"),
  },
  {
    provider: "nvidia_nim",
    model: "ranking/nvidia/llama-nemotron-rerank-1b-v2",
    params: { api_base: "http://nim.test:8000" },
    url: "http://nim.test:8000/v1/ranking",
    ...nim("nvidia/llama-nemotron-rerank-1b-v2"),
  },
];

/** NVIDIA's own service and a NIM of one's own; neither takes `top_k`. */
function nim(model: string): Omit<StandIn, "provider" | "model" | "url"> {
  return {
    auth: bearer,
    body: v.pipe(
      v.strictObject({
        model: v.literal(model),
        query: text,
        passages: v.pipe(v.array(text), v.minLength(1)),
        truncate: v.picklist(["END", "NONE"]),
      }),
      v.transform(({ query, passages }) => ({ query: query.text, documents: textsOf(passages) })),
    ),
    scoreKind: "logit",
    scoreOf: toLogit,
    answer: (rows) => ({
      rankings: rows.map(({ index, score }) => ({ index, logit: score })),
      usage: { prompt_tokens: 90, total_tokens: 90 },
    }),
    used: { inputTokens: 90 },
    limits: { documents: { most: 512, status: 422 }, empty: 422 },
    error: validation,
  };
}
