import type { HttpAnswer, Limits, ScoreCall, ScoreKind, ScoreParams, Usage } from "@dheera-ai/core";
import * as v from "valibot";

import { describeProfile } from "../describe-profile.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { ServerKind } from "../options.ts";
import type { Prompting } from "../prompts/prompting.ts";
import type { CallRecipe } from "../wire/call-recipe.ts";
import { readComputeTokens } from "./tei.ts";

/** Servers that take `{ model, query, documents }`. `unknown`: one that was not recognised. */
export type RerankApi = Exclude<ServerKind, "tei" | "toolkit"> | "unknown";

/** The model to ask for, as the server calls it. */
export interface ServedModel {
  readonly id: string;
  /** Where it was loaded from. */
  readonly root?: string | undefined;
  /** The model's length. */
  readonly tokens?: number | undefined;
}

/** How one of these servers differs from the others. */
interface Dialect {
  readonly title: string;
  readonly scoreKind: ScoreKind;
  readonly supports: readonly (keyof ScoreParams)[];
  /** Whether it renders the prompt template of instruction-following rerankers itself. */
  readonly appliesTemplate?: true;
  readonly limits?: Limits;
  readonly pads?: true;
  /** Fields beside model, query and documents. No null anywhere: some refuse it. */
  extras?(call: ScoreCall, tokens: number | undefined): Readonly<Record<string, unknown>>;
}

const dialects: Readonly<Record<RerankApi, Dialect>> = {
  // vllm/entrypoints/pooling/scoring/protocol.py; older versions ignore the newer fields.
  vllm: {
    title: "vLLM",
    scoreKind: "unknown",
    supports: ["truncate", "truncationDirection", "rawScores", "maxTokensPerDocument"],
    extras: ({ params }, tokens) => ({
      // Without it vLLM refuses what is too long; -1 means the model's length, but not in old versions.
      ...(params.truncate !== false && { truncate_prompt_tokens: tokens ?? -1 }),
      ...(params.truncationDirection && { truncation_side: params.truncationDirection }),
      ...(params.rawScores && { use_activation: false }),
      ...(params.maxTokensPerDocument !== undefined && { max_tokens_per_doc: params.maxTokensPerDocument }),
    }),
  },
  // infinity_emb/fastapi_schemas/pymodels.py
  infinity: {
    title: "Infinity",
    scoreKind: "probability",
    supports: ["rawScores"],
    limits: { documentsPerCall: 2048, charactersPerDocument: 122_880 },
    pads: true,
    extras: ({ params }) => (params.rawScores ? { raw_scores: true } : {}),
  },
  // It gives logits only.
  "llama.cpp": { title: "llama.cpp", scoreKind: "logit", supports: ["rawScores"] },
  // srt/entrypoints/openai/serving_rerank.py; it returns the documents unless return_documents is false.
  sglang: {
    title: "SGLang",
    scoreKind: "unknown",
    supports: ["instruction"],
    appliesTemplate: true,
    extras: ({ params }) => ({
      return_documents: false,
      ...(params.instruction !== undefined && { instruct: params.instruction }),
    }),
  },
  // It formats the prompt of Qwen3-Reranker itself (xinference/model/rerank).
  xinference: { title: "Xinference", scoreKind: "unknown", supports: [], appliesTemplate: true, pads: true },
  localai: { title: "LocalAI", scoreKind: "unknown", supports: [], extras: allOfThem },
  unknown: { title: "unrecognised rerank server", scoreKind: "unknown", supports: [], extras: allOfThem },
};

export function appliesTemplate(kind: RerankApi): boolean {
  return dialects[kind].appliesTemplate ?? false;
}

export function rerankApiRecipe(
  kind: RerankApi,
  url: string,
  served: ServedModel,
  endpoint: Endpoint,
  prompting: Prompting,
): CallRecipe {
  const dialect = dialects[kind];
  const tokens = prompting.tokensLeft(served.tokens);
  return {
    url,
    supports: new Set(dialect.supports),
    extraTexts: 0,
    // Where one is applied here, the caller's instruction goes into it, and not to the server as well.
    template: prompting.template,
    profile: describeProfile({
      identity: [kind, endpoint.model, served.id, served.root, served.tokens, prompting.identity],
      models: [endpoint.model, served.id, ...(served.root === undefined ? [] : [served.root])],
      scoreKind: dialect.scoreKind,
      limits: { ...dialect.limits, ...(tokens !== undefined && { tokensPerDocument: tokens }) },
      ...(dialect.pads && { pads: true }),
      server: dialect.title,
      warnings: prompting.warnings,
    }),
    readUsage,
    body: (call) => ({
      model: served.id,
      query: call.query,
      documents: call.documents,
      ...dialect.extras?.(call, served.tokens),
    }),
  };
}

/** All documents: where the default is fewer, documents would be lost. */
function allOfThem({ documents }: ScoreCall): Readonly<Record<string, unknown>> {
  return { top_n: documents.length };
}

function readUsage(answer: HttpAnswer): Usage | undefined {
  // A proxy may translate this API for Text Embeddings Inference and pass its headers on.
  const counted = readComputeTokens(answer);
  if (counted) return counted;
  const { body } = answer;
  const parsed = v.safeParse(Array.isArray(body) ? rowTokens : totalTokens, body, { abortEarly: true });
  return parsed.success ? { inputTokens: parsed.output } : undefined;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const totalTokens = v.union([
  // vLLM, Infinity, llama.cpp and LocalAI; LocalAI's back ends may count nothing and answer 0.
  v.pipe(
    v.object({ usage: v.object({ total_tokens: count }) }),
    v.transform((body) => body.usage.total_tokens),
  ),
  // Xinference, as Cohere does.
  v.pipe(
    v.object({ meta: v.object({ tokens: v.object({ input_tokens: count }) }) }),
    v.transform((body) => body.meta.tokens.input_tokens),
  ),
]);
/** SGLang, for each document. */
const rowTokens = v.pipe(
  v.array(v.object({ meta_info: v.object({ prompt_tokens: count }) })),
  v.transform((rows) => rows.reduce((sum, row) => sum + row.meta_info.prompt_tokens, 0)),
);
