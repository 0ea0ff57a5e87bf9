import type { ScoreKind } from "../contract.ts";

/** A text, or a record: `{ text }`, or any fields (with `rank_fields` to choose which are scored, in that order). */
export type RerankDocument = string | Readonly<Record<string, unknown>>;

/** How a request uses the score cache; names follow LiteLLM. */
export interface CacheControls {
  /** Compute all scores again; still store them. */
  readonly "no-cache"?: boolean | null;
  /** Do not store the scores. */
  readonly "no-store"?: boolean | null;
  /** Seconds for which the scores are kept. */
  readonly ttl?: number | null;
  /** Accept only scores at most this many seconds old. */
  readonly "s-maxage"?: number | null;
  /** Scores are shared only within one namespace. */
  readonly namespace?: string | null;
}

/** What one POSTs to `/rerank`, and what one gives to `rerank()`. `null` means absent for every optional field. */
export interface RerankRequest {
  /** A model name of the configuration, or `<provider>/<model>`. */
  readonly model: string;
  readonly query: string;
  /** 1 to 10,000 (the limit is configurable). */
  readonly documents: readonly RerankDocument[];
  /** How many results to return, at least 1; all when absent. */
  readonly top_n?: number | null;
  /** Echo each document in its result; default false. */
  readonly return_documents?: boolean | null;
  /** Fields of record documents that are scored, in this order; all fields when absent. */
  readonly rank_fields?: readonly string[] | null;
  /** Tokens of one document that count. */
  readonly max_tokens_per_doc?: number | null;
  /** With `long_documents: chunk_max`: chunks scored for one document at most; default 10. */
  readonly max_chunks_per_doc?: number | null;
  /**
   * `truncate` (default): what is too long is cut. `chunk_max`: long documents are scored in overlapping chunks and the
   * best counts.
   */
  readonly long_documents?: "truncate" | "chunk_max" | null;
  /** false: a document that is too long is refused instead of cut. Default true. */
  readonly truncate?: boolean | null;
  /** Which end is cut off; default right. */
  readonly truncation_direction?: "left" | "right" | null;
  /** Logits instead of normalised scores where the model can. */
  readonly raw_scores?: boolean | null;
  /** `sigmoid` maps logits to 0..1; does nothing to scores of any other kind. */
  readonly normalize?: "none" | "sigmoid" | null;
  /** Results below this score are left out. Off by default. */
  readonly min_score?: number | null;
  /** What "relevant" means, for models that follow instructions. */
  readonly instruction?: string | null;
  /** `fail` (default): a document the model refuses fails the request. `warn`: it is ranked last with a warning. */
  readonly on_document_error?: "fail" | "warn" | null;
  /**
   * Options that only one provider knows, by its name: `{ "cohere": { "priority": 1 } }`. Part of what a cached score
   * depends on.
   */
  readonly provider_options?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  readonly cache?: CacheControls | null;
  /** Seconds for the whole request, every wait and retry included. */
  readonly timeout?: number | null;
  /** Library only: aborting it cancels the request and its calls. */
  readonly signal?: AbortSignal | null;
  /** Library only: the server to call. Refused by the proxy. */
  readonly api_base?: string | null;
  /** Library only: the key for it. Refused by the proxy. */
  readonly api_key?: string | null;
}

export interface RerankResult {
  /** Position in the request's `documents`. */
  readonly index: number;
  readonly relevance_score: number;
  /** Present only with `return_documents`: `{ text }` for a text, the record as it was sent otherwise. */
  readonly document?: Readonly<Record<string, unknown>>;
}

export interface RerankMeta {
  readonly api_version: { readonly version: "2"; readonly is_experimental: false };
  /**
   * What the upstream billed for this request. `search_units`: as the upstream named them, or else by its rule where it
   * bills per search (one for each call and 100 documents begun). Tokens: where it bills per token and counts them.
   * Empty where neither is known.
   */
  readonly billed_units: {
    readonly search_units?: number;
    readonly input_tokens?: number;
    readonly output_tokens?: number;
  };
  /** Present where the upstream counts tokens. */
  readonly tokens?: { readonly input_tokens: number; readonly output_tokens: number };
  readonly score_kind?: ScoreKind;
  /** Documents whose score was known before. */
  readonly cached_documents?: number;
  /** false: no deployment could rank, and `on_error: passthrough` returned the input order; the scores mean nothing. */
  readonly reranked?: false;
  readonly warnings?: readonly string[];
}

export interface RerankResponse {
  /** A UUID, or the call id the caller gave. */
  readonly id: string;
  /** The model name that served. */
  readonly model: string;
  /** Best first; ties in input order. */
  readonly results: readonly RerankResult[];
  readonly meta: RerankMeta;
  /** Present where the upstream counts tokens or names a cost, which is in US dollars. */
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
    readonly total_tokens?: number;
    readonly cost?: number;
  };
}
