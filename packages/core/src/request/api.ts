import type { ScoreKind } from "../contract.ts";
import type { ErrorCode } from "../errors.ts";
import type { RerankExplanation } from "./explanation.ts";

/**
 * A text, or a record: `{ text }`, or any fields (with `rank_fields` to choose which are scored, in that order). A
 * record may be of any interface or class; lists are refused.
 */
export type RerankDocument = JsonDocument | (object & { readonly [Symbol.iterator]?: never });

/** A record whose fields are not known. */
export type DocumentRecord = Readonly<Record<string, unknown>>;

/** A document as it is read from JSON. */
export type JsonDocument = string | DocumentRecord;

/** What `return_documents` gives back for a document: `{ text }` for a text, the caller's own object otherwise. */
export type ReturnedDocument<Document extends RerankDocument> = [RerankDocument] extends [Document]
  ? DocumentRecord
  : Document extends string
    ? { readonly text: string }
    : Document;

/** How a request uses the score cache; names follow LiteLLM. */
export interface CacheControls {
  /** Compute all scores again; still store them. */
  readonly "no-cache"?: boolean | null | undefined;
  /** Do not store the scores. */
  readonly "no-store"?: boolean | null | undefined;
  /** Seconds for which the scores are kept. */
  readonly ttl?: number | null | undefined;
  /** Accept only scores at most this many seconds old. */
  readonly "s-maxage"?: number | null | undefined;
  /** Scores are shared only within one namespace. */
  readonly namespace?: string | null | undefined;
}

/** Which parts of each document are relevant, as Cohere's API asks for them. */
export interface RelevantSpansOptions {
  /** Default `enabled`; `disabled` as if nothing were asked. */
  readonly mode?: "enabled" | "disabled" | null | undefined;
  /** Parts with a lower score are left out; the model's own default when absent. */
  readonly threshold?: number | null | undefined;
  /** Parts of one document at most, at least 1. */
  readonly max_spans?: number | null | undefined;
}

/** How a ranking is made of different documents and not of the same one many times. */
export interface DiversifyOptions {
  /** Maximal marginal relevance. */
  readonly method?: "mmr" | null | undefined;
  /** 0 to 1: how much relevance counts beside difference from the documents before; 1 is relevance alone. Default 0.7. */
  readonly lambda?: number | null | undefined;
}

/** A relevant part of a document, counted in Unicode characters (code points) of the text that was scored. */
export interface RelevantSpan {
  readonly start: number;
  /** The first character behind it. */
  readonly end: number;
  readonly score?: number;
}

/** A model name, `{ model: name }`, or `{ "model that fails": [names] }`. */
export type FallbackChoice = string | Readonly<Record<string, string | readonly string[]>>;

/** A whole number, 0 the highest, for a share of what is there; or what nobody else wants. */
export type Priority = number | "background";

/** What one POSTs to `/rerank`, and what one gives to `rerank()`. `null` means absent for every optional field. */
export interface RerankRequest<Document extends RerankDocument = RerankDocument> {
  /** A model name of the configuration, or `<provider>/<model>`. */
  readonly model: string;
  readonly query: string;
  /** 1 to 10,000 (the limit is configurable). */
  readonly documents: readonly Document[];
  /** How many results to return, at least 1; all when absent. */
  readonly top_n?: number | null | undefined;
  /** Another name of `top_n`. */
  readonly top_k?: number | null | undefined;
  /** Echo each document in its result; default false. */
  readonly return_documents?: boolean | null | undefined;
  /** 1 to 100 fields of record documents that are scored, in this order, each once; all fields when absent. */
  readonly rank_fields?: readonly string[] | null | undefined;
  /** Tokens of one document that count. */
  readonly max_tokens_per_doc?: number | null | undefined;
  /** With `long_documents: chunk_max`: chunks scored for one document at most; default 10. */
  readonly max_chunks_per_doc?: number | null | undefined;
  /**
   * `truncate` (default): what is too long is cut. `chunk_max`: long documents are scored in overlapping chunks and the
   * best counts.
   */
  readonly long_documents?: "truncate" | "chunk_max" | null | undefined;
  /**
   * false, or `NONE`: a document that is too long is refused instead of cut. `START` and `END` name the end that is cut
   * off, as `truncation_direction` does. Default true.
   */
  readonly truncate?: boolean | "NONE" | "START" | "END" | null | undefined;
  /** Which end is cut off; default right. */
  readonly truncation_direction?: "left" | "right" | null | undefined;
  /** Logits instead of normalised scores where the model can. */
  readonly raw_scores?: boolean | null | undefined;
  /** `sigmoid` maps logits to 0..1; does nothing to scores of any other kind. */
  readonly normalize?: "none" | "sigmoid" | null | undefined;
  /** Results below this score are left out. Off by default. */
  readonly min_score?: number | null | undefined;
  /**
   * Put documents that say the same as one before them further back, among the best 1,000: `relevance_score` stays the
   * model's, so that scores are no longer in order. In place of that of the configuration; `null` is none.
   */
  readonly diversify?: DiversifyOptions | null | undefined;
  /** What "relevant" means, for models that follow instructions. */
  readonly instruction?: string | null | undefined;
  /**
   * Say of each result which parts of its document are relevant, where the model can. Such a request is neither answered
   * from cached scores nor stored.
   */
  readonly relevant_spans?: RelevantSpansOptions | null | undefined;
  /**
   * `fail` (default): a document the model refuses fails the request. `warn`: it is ranked last with a warning, and with
   * a score that no model gave: 0, −1 among cosines, or 1 less than the lowest of the others where that is not positive.
   */
  readonly on_document_error?: "fail" | "warn" | null | undefined;
  /**
   * Options that only one provider knows, by its name: `{ "cohere": { "priority": 1 } }`. Part of what a cached score
   * depends on.
   */
  readonly provider_options?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined;
  readonly cache?: CacheControls | null | undefined;
  /** Say in `meta.explain` how the ranking came about; default false. */
  readonly explain?: boolean | null | undefined;
  /**
   * Whole number, 0 (default) the highest, as in Cohere's and LiteLLM's APIs: the request's part of what its tenant or key
   * has of a busy deployment is 1 / (1 + priority). It takes nothing from others. `background`: it gets what no request
   * wants that is not in the background, and waits until there is something; for work that may take hours.
   */
  readonly priority?: Priority | null | undefined;
  /**
   * Model names that serve when every deployment of `model` failed, in place of those of the configuration; 10 at most.
   * What `model` may name outside of a configuration they may too, with `api_base` and `api_key` where its provider is the same.
   * Objects as LiteLLM's clients send them are read too.
   */
  readonly fallbacks?: readonly FallbackChoice[] | null | undefined;
  /** No other model than `model` may serve; default false. */
  readonly disable_fallbacks?: boolean | null | undefined;
  /** Seconds for the whole request, every wait and retry included. */
  readonly timeout?: number | null | undefined;
  /** Library only: aborting it cancels the request and its calls. */
  readonly signal?: AbortSignal | null | undefined;
  /** Library only: the server to call. Refused by the proxy. */
  readonly api_base?: string | null | undefined;
  /** Library only: the key for it. Refused by the proxy. */
  readonly api_key?: string | null | undefined;
}

/** One document in a ranking. */
export interface RerankResult<Returned = DocumentRecord> {
  /** Position in the request's `documents`. */
  readonly index: number;
  readonly relevance_score: number;
  /** Of a cascade: the model name of the stage that ranked this document, the last one that it reached. */
  readonly stage?: string;
  /** Of a cascade: what that stage said, on its own scale. */
  readonly stage_score?: number;
  /** Present only with `return_documents`: `{ text }` for a text, the record as it was sent otherwise. */
  readonly document?: Returned;
  /** Present only with `relevant_spans`, where the upstream gives them. */
  readonly relevant_spans?: readonly RelevantSpan[];
}

/** A result of a request with `return_documents: true`. */
export interface RerankResultWithDocument<Returned = DocumentRecord> extends RerankResult<Returned> {
  readonly document: Returned;
}

/** What the scores of an answer mean: those of one model, probabilities learned from labels, or a fusion of several models. */
export type RankingScoreKind = ScoreKind | "calibrated" | "fused";

/** What one model did for a model that is made of several. */
export interface RerankStage {
  /** The model name that was asked. */
  readonly model: string;
  /** Documents that it was given; 0 where it was not asked. */
  readonly documents: number;
  /** From the question to its ranking. */
  readonly milliseconds: number;
  readonly score_kind?: RankingScoreKind;
  /** US dollars, where all of it is known. */
  readonly cost?: number;
  /** Why it was not asked: the stage before it was sure by its margin or by its best score. */
  readonly skipped?: "margin" | "score";
  /** The error for which it is left out of the ranking. */
  readonly failed?: ErrorCode;
  /** Where it is made of others itself. */
  readonly stages?: readonly RerankStage[];
}

/** What is known of a ranking beside its results. */
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
  readonly score_kind?: RankingScoreKind;
  /** Of a model that is made of others: what each of them did, in the order in which they were asked. */
  readonly stages?: readonly RerankStage[];
  /** The order is by more than scores: `diversify`. */
  readonly diversified?: true;
  /** Documents whose score was known before. */
  readonly cached_documents?: number;
  /** false: no deployment could rank, and `on_error: passthrough` returned the input order; the scores mean nothing. */
  readonly reranked?: false;
  readonly warnings?: readonly string[];
  /** Present only with `explain`. */
  readonly explain?: RerankExplanation;
}

/** `Returned` is the type of the documents that come back: `ReturnedDocument` of those that were sent. */
export interface RerankResponse<Returned = DocumentRecord> {
  /** A UUID, or the call id the caller gave. */
  readonly id: string;
  /** The model name that served. */
  readonly model: string;
  /** Best first; ties in input order. */
  readonly results: readonly RerankResult<Returned>[];
  readonly meta: RerankMeta;
  /**
   * What the upstream used for this request. Tokens are present where it counts them, and 0 where all scores were known
   * before. `completion_tokens` is 0 unless the upstream names some.
   */
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
    readonly total_tokens?: number;
    /**
     * US dollars of all calls of this request, failed attempts and those of fallbacks included: as the upstream named them,
     * else units by price. Absent as soon as the cost of one call is not known.
     */
    readonly cost?: number;
    /**
     * US dollars that documents would have cost whose scores were known, or repeated within the request: exact by the
     * upstream's rule where it bills per search, an estimate where it bills per token. Absent where there are none, and
     * where no price is known.
     */
    readonly saved_cost?: number;
  };
}

/** The answer to a request with `return_documents: true`: each result holds its document. */
export interface RerankResponseWithDocuments<Returned = DocumentRecord> extends RerankResponse<Returned> {
  readonly results: readonly RerankResultWithDocument<Returned>[];
}
