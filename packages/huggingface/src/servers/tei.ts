import type { HttpAnswer, Limits, ScoreCall, ScoreParams, Usage } from "@dheera-ai/core";
import * as v from "valibot";

import { describeProfile } from "../describe-profile.ts";
import type { Address } from "../endpoint/address.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Prompting } from "../prompts/prompting.ts";
import type { CallRecipe, Tokenizer } from "../wire/call-recipe.ts";

/** The answer to `GET /info` of Text Embeddings Inference (router/src/lib.rs). */
export interface TeiInfo {
  readonly model_id: string;
  /** Absent for a model from a folder. */
  readonly model_sha?: string | null | undefined;
  readonly model_dtype?: string | undefined;
  readonly served_model_name?: string | undefined;
  readonly model_type: { readonly reranker?: unknown; readonly classifier?: unknown; readonly embedding?: unknown };
  readonly max_concurrent_requests?: number | undefined;
  readonly max_input_length?: number | undefined;
  readonly max_client_batch_size?: number | undefined;
  readonly version?: string | undefined;
}

/** A server's words go into the fingerprint, which every key of a cache is made with, and into every answer's warnings. */
const word = v.pipe(v.string(), v.maxLength(500));
const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const infoSchema = v.object({
  model_id: word,
  model_sha: v.nullish(word),
  model_dtype: v.optional(word),
  served_model_name: v.optional(word),
  model_type: v.object({
    reranker: v.optional(v.unknown()),
    classifier: v.optional(v.unknown()),
    embedding: v.optional(v.unknown()),
  }),
  max_concurrent_requests: count,
  max_input_length: count,
  max_client_batch_size: count,
  version: v.optional(word),
  // A Dheera AI proxy has this route for clients of TEI, and serves several models: it is asked by name, at its own API.
  dheera_ai_version: v.optional(v.undefined()),
});

/** Undefined when the body is not from Text Embeddings Inference. */
export function parseTeiInfo(body: unknown): TeiInfo | undefined {
  const parsed = v.safeParse(infoSchema, body, { abortEarly: true });
  return parsed.success ? parsed.output : undefined;
}

/** Defaults of its command line (router/src/main.rs); no route reports the payload limit. */
const defaults = { batch: 32, bytes: 2_000_000, permits: 512 } as const;

const rerankSupports: ReadonlySet<keyof ScoreParams> = new Set(["truncate", "truncationDirection", "rawScores"]);
const similaritySupports: ReadonlySet<keyof ScoreParams> = new Set(["truncate", "truncationDirection"]);

/** `POST /rerank` for rerankers, `POST /similarity` for embedding models. Without `info` its defaults are assumed. */
export function teiRecipe(
  info: TeiInfo | undefined,
  address: Address,
  endpoint: Endpoint,
  prompting: Prompting,
): CallRecipe {
  return info?.model_type.embedding === undefined
    ? rerankRecipe(info, address, endpoint, prompting)
    : similarityRecipe(info, address, endpoint, prompting);
}

function rerankRecipe(
  info: TeiInfo | undefined,
  address: Address,
  endpoint: Endpoint,
  prompting: Prompting,
): CallRecipe {
  return {
    url: address.exact ?? address.at("/rerank"),
    supports: rerankSupports,
    extraTexts: 0,
    template: prompting.template,
    readUsage: readComputeTokens,
    tokenizer: tokenizerAt(address),
    profile: profileOf(info, endpoint, prompting, "rerank", 0),
    ...unnamedWeightsOf(info),
    body: ({ query, documents, params }: ScoreCall) => ({
      query,
      texts: documents,
      ...truncation(params),
      // A boolean or absent: the server refuses null.
      ...(params.rawScores && { raw_scores: true }),
    }),
  };
}

function similarityRecipe(info: TeiInfo, address: Address, endpoint: Endpoint, prompting: Prompting): CallRecipe {
  return {
    url: address.at("/similarity"),
    supports: similaritySupports,
    extraTexts: 1,
    template: prompting.template,
    readUsage: readComputeTokens,
    tokenizer: tokenizerAt(address),
    profile: profileOf(info, endpoint, prompting, "similarity", 1),
    ...unnamedWeightsOf(info),
    body: ({ query, documents, params }: ScoreCall) => ({
      inputs: { source_sentence: query, sentences: documents },
      parameters: truncation(params),
    }),
  };
}

/** `POST /tokenize`: a list of tokens for each text, each with its place in the text (router/src/http/types.rs). */
function tokenizerAt(address: Address): Tokenizer {
  return {
    url: address.at("/tokenize"),
    body: (texts) => ({ inputs: texts }),
    readCounts: (answer) =>
      Array.isArray(answer) && answer.every(Array.isArray) ? answer.map((tokens) => tokens.length) : undefined,
  };
}

/** A model from a folder has no revision, and one whose `/info` is hidden names none. */
function unnamedWeightsOf(info: TeiInfo | undefined): Pick<CallRecipe, "unnamedWeights"> {
  if (typeof info?.model_sha === "string") return {};
  return { unnamedWeights: info?.model_dtype === "float16" ? "half" : "single" };
}

/** Always sent, because the default changed between versions. */
function truncation(params: ScoreParams): Readonly<Record<string, unknown>> {
  return {
    truncate: params.truncate ?? true,
    ...(params.truncationDirection && {
      truncation_direction: params.truncationDirection === "left" ? "Left" : "Right",
    }),
  };
}

/** Input tokens, which the server counts in a header of every answer. */
export function readComputeTokens({ headers }: HttpAnswer): Usage | undefined {
  const inputTokens = Number(headers.get("x-compute-tokens") ?? Number.NaN);
  return Number.isSafeInteger(inputTokens) && inputTokens > 0 ? { inputTokens } : undefined;
}

function profileOf(
  info: TeiInfo | undefined,
  endpoint: Endpoint,
  prompting: Prompting,
  route: "rerank" | "similarity",
  extraTexts: 0 | 1,
): CallRecipe["profile"] {
  return describeProfile({
    // A model from a folder has no revision and often a name like /repository; then the configured name stands for the
    // revision.
    identity: [
      "tei",
      info?.model_id,
      info?.model_sha ?? endpoint.model,
      info?.model_dtype,
      info?.max_input_length,
      route,
      prompting.identity,
    ],
    models: [endpoint.model, ...(info ? [info.model_id] : [])],
    scoreKind: route === "rerank" ? "probability" : "cosine",
    limits: limitsOf(info, prompting, extraTexts),
    // Only flash attention works without padding (backends/candle), and nothing in /info says whether it is used. Where
    // nothing is padded, neighbours in length cost no more than any others.
    pads: true,
    server:
      info === undefined
        ? "text-embeddings-inference (no /info: its default limits are assumed)"
        : `text-embeddings-inference ${info.version ?? "of unknown version"}`,
    warnings: [...prompting.warnings, ...otherModel(info, endpoint)],
  });
}

/** The server refuses 250 characters a token even where it may cut, and no text is worth reading that far. */
const charactersPerToken = 249;

/** A server has one model and ignores the name in requests, so a wrong one would never be noticed. */
function otherModel(info: TeiInfo | undefined, { model }: Endpoint): readonly string[] {
  // The name of a folder says nothing of the model in it.
  if (!info || !/^[\w.-]+\/[\w.-]+$/.test(info.model_id) || info.model_id.startsWith(".")) return [];
  const names = [info.model_id, info.served_model_name].map((known) => known?.toLowerCase());
  if (names.includes(model.toLowerCase())) return [];
  return [`the server serves ${info.model_id} and no other model, not ${model}; check the model's name or api_base`];
}

function limitsOf(info: TeiInfo | undefined, prompting: Prompting, extraTexts: 0 | 1): Limits {
  const batch = info?.max_client_batch_size ?? defaults.batch;
  const documentsPerCall = Math.max(1, batch - extraTexts);
  const permits = info?.max_concurrent_requests ?? defaults.permits;
  const tokens = prompting.tokensLeft(info?.max_input_length);
  return {
    documentsPerCall,
    bytesPerCall: defaults.bytes,
    // Each text takes a permit, and in /similarity the query of every call is one of the texts.
    documentsInFlight: Math.max(1, Math.floor((permits * documentsPerCall) / (documentsPerCall + extraTexts))),
    ...(tokens !== undefined && {
      tokensPerDocument: tokens,
      charactersPerDocument: tokens * charactersPerToken,
    }),
  };
}
