import type { Limits, ScoreCall, ScoreKind, ScoreParams } from "@dheera-ai/core";

import type { ServerKind } from "../options.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { describeProfile } from "../describe-profile.ts";
import type { Prompting } from "../prompts/prompting.ts";
import type { Route } from "../wire/call-recipe.ts";
import type { ServedModel } from "./model-list.ts";

/** Servers that take `{ model, query, documents }`. `unknown`: one that nobody recognised. */
export type RerankApi = Exclude<ServerKind, "tei" | "toolkit"> | "unknown";

/** What tells one of them from the others. */
interface Dialect {
  readonly title: string;
  readonly scoreKind: ScoreKind;
  readonly honours: readonly (keyof ScoreParams)[];
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
    honours: ["truncate", "truncationDirection", "rawScores", "maxTokensPerDocument"],
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
    honours: ["rawScores"],
    limits: { documentsPerCall: 2048, charactersPerDocument: 122_880 },
    pads: true,
    extras: ({ params }) => (params.rawScores ? { raw_scores: true } : {}),
  },
  // It gives logits and nothing else.
  "llama.cpp": { title: "llama.cpp", scoreKind: "logit", honours: ["rawScores"] },
  // srt/entrypoints/openai/serving_rerank.py; documents come back unless one says no.
  sglang: {
    title: "SGLang",
    scoreKind: "unknown",
    honours: ["instruction"],
    appliesTemplate: true,
    extras: ({ params }) => ({
      return_documents: false,
      ...(params.instruction !== undefined && { instruct: params.instruction }),
    }),
  },
  // It formats the prompt of Qwen3-Reranker itself (xinference/model/rerank).
  xinference: { title: "Xinference", scoreKind: "unknown", honours: [], appliesTemplate: true, pads: true },
  localai: { title: "LocalAI", scoreKind: "unknown", honours: [], extras: allOfThem },
  unknown: { title: "unrecognised rerank server", scoreKind: "unknown", honours: [], extras: allOfThem },
};

export function appliesTemplate(kind: RerankApi): boolean {
  return dialects[kind].appliesTemplate ?? false;
}

export function rerankApiRoute(
  kind: RerankApi,
  url: string,
  served: ServedModel,
  place: Place,
  prompting: Prompting,
): Route {
  const dialect = dialects[kind];
  const tokens = prompting.tokensLeft(served.tokens);
  return {
    url,
    honours: new Set(dialect.honours),
    extraTexts: 0,
    // A template applied here is what the caller's instruction goes into; the server must not get it twice.
    template: prompting.template,
    profile: describeProfile({
      identity: [kind, place.model, served.id, served.root, served.tokens, prompting.identity],
      models: [place.model, served.id, ...(served.root === undefined ? [] : [served.root])],
      scoreKind: dialect.scoreKind,
      limits: { ...dialect.limits, ...(tokens !== undefined && { tokensPerDocument: tokens }) },
      ...(dialect.pads && { pads: true }),
      server: dialect.title,
      warnings: prompting.warnings,
    }),
    body: (call) => ({
      model: served.id,
      query: call.query,
      documents: call.documents,
      ...dialect.extras?.(call, served.tokens),
    }),
  };
}

/** A default of fewer would lose documents. */
function allOfThem({ documents }: ScoreCall): Readonly<Record<string, unknown>> {
  return { top_n: documents.length };
}
