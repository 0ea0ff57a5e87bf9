import type { Profile, ScoreKind } from "@dheera-ai/core";

/**
 * A provider as data: where it is, whose key goes there, how it is asked and how its answer is read. The fields have the
 * same names under `providers:` of the proxy's configuration. A field of a request or an answer may be a path with dots
 * (`parameters.top_n`); a glob may hold `*` and nothing else.
 */
export interface Row {
  /** The prefix in `model: <name>/<model>`. Lower case letters, digits, `-` and `_`. */
  readonly name: string;
  /** For people: `Jina AI`. The name when absent. */
  readonly label?: string;
  /** The provider's own address. Absent where every deployment has to name one. */
  readonly api_base?: string;
  /** Variables with another address, for deployments that name none; the first that is set counts. */
  readonly api_base_env?: readonly string[];
  /** Further hosts that are the provider's own, over HTTPS: `api.cohere.ai`, `*.models.ai.azure.com`. */
  readonly hosts?: readonly string[];
  /**
   * Put after the base. Where the base ends in it, or has a part of it, that is not repeated, and a version of the base
   * stays: `/v2/rerank` after `…/v1` is `…/v1/rerank`. May hold `{model}` and the names of `path_parameters`.
   */
  readonly path: string;
  /** `replace`: the base's own path is dropped. Default `append`. */
  readonly base_path?: "append" | "replace";
  /** Ends of a base that stand for another end, the longest first: `{ "/v1/openai": "/v1" }`. */
  readonly base_endings?: Readonly<Record<string, string>>;
  /** Another path at hosts like these: `{ "*.services.ai.azure.com": "/providers/cohere/v2/rerank" }`. */
  readonly path_by_host?: Readonly<Record<string, string>>;
  /** Further names in braces in a path: each a parameter of the deployment, else the first of these variables. */
  readonly path_parameters?: Readonly<Record<string, readonly string[]>>;
  /** Keys that begin so belong to another address of the provider, where nothing names one: `{ "al-": "https://…" }`. */
  readonly api_base_by_key?: Readonly<Record<string, string>>;
  /**
   * Variables with a key, in order. All of them may go to the provider's own hosts; to the address of `api_base_env`
   * goes only the first.
   */
  readonly api_key_env?: readonly string[];
  /** Header with the key; default `authorization`. */
  readonly key_header?: string;
  /** Before the key; default `Bearer ` in `authorization`, nothing in any other header. */
  readonly key_prefix?: string;
  /** Whether the provider's own hosts are called without a key; default false. */
  readonly key_optional?: boolean;
  /** Sent with each request, to every address. No place for a key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Put before names of models that have no slash: `fireworks/`. */
  readonly model_prefix?: string;
  readonly request: RowRequest;
  readonly response?: RowResponse;
  /** Texts in refusals (400, 413, 422) that are followed by a limit. */
  readonly refusals?: readonly RowRefusal[];
  readonly score_kind: ScoreKind;
  /** Default `pointwise`. */
  readonly scoring?: Profile["scoring"];
  readonly billing: Profile["billing"];
  readonly limits?: RowLimits;
  readonly price?: RowPrice;
  /** What differs by model; the first that matches counts. */
  readonly models?: readonly RowModel[];
  /**
   * What holds at an address that is not the provider's own, in place of the row's and its models': `cohere/…` at
   * `api_base` is a server that speaks Cohere's protocol.
   */
  readonly elsewhere?: RowElsewhere;
  /** For the pages of the documentation and `models --known`. */
  readonly documentation?: RowDocumentation;
}

/** How a call becomes the body of a request: a field for each thing that the provider can be told. */
export interface RowRequest {
  /** Field of the model's name, default `model`; null: not in the body. */
  readonly model?: string | null;
  /** Field of the query, default `query`. */
  readonly query?: string;
  /** `object`: `{ "text": … }`; `repeated`: a list with the query once for each document. Default `text`. */
  readonly query_form?: "text" | "object" | "repeated";
  /** Field of the documents, default `documents`. */
  readonly documents?: string;
  /** `object`: `{ "text": … }`. Default `text`. */
  readonly document_form?: "text" | "object";
  /** Field that always gets the number of documents; absent: not sent. Core cuts. */
  readonly top_n?: string;
  /** `cut` and `refuse` are the field's values; `always`: `cut` is sent also when the caller says nothing. */
  readonly truncate?: {
    readonly field: string;
    readonly cut?: unknown;
    readonly refuse?: unknown;
    readonly always?: boolean;
  };
  /** Field that gets `left` or `right`. */
  readonly truncation_direction?: string;
  /** Field that gets true where logits are asked for. */
  readonly raw_scores?: string;
  /** Field that gets the number of tokens. */
  readonly max_tokens_per_document?: string;
  /** Field that gets Cohere's `{ mode, threshold, max_spans }` where relevant parts of documents are asked for. */
  readonly relevant_spans?: string;
  /** Field of the instruction; `in_query`: it is written before the query. */
  readonly instruction?: string;
  /** Fields with the same value in each request: `{ return_documents: false }`. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /**
   * Names of `provider_options` that are handed on as they are, in place of a constant of that name; others are refused.
   */
  readonly options?: readonly string[];
}

/**
 * How an answer is read. Without `results`, `index`, `score` and `by_position` every shape is tried that rerank servers
 * are known to have; without fields for usage, the usual ones.
 */
export interface RowResponse {
  /** Field of the list, default `results`. */
  readonly results?: string;
  /** Field of a result, default `index`; a text of digits counts. */
  readonly index?: string;
  /** Field of a result, default `relevance_score`. */
  readonly score?: string;
  /** The list holds the scores alone (or objects with `score`), in the order of the documents. */
  readonly by_position?: boolean;
  /**
   * Further fields of a result that are handed to callers who ask for `relevant_spans`, where the model has them
   * (`request.relevant_spans`). Such answers are not cached.
   */
  readonly details?: readonly string[];
  /** Where the answer names the model that served; the caller is warned where it is another than was asked. */
  readonly model?: string;
  /** Each a list of fields, of which the first that is a number counts. `cost` is in US dollars. */
  readonly input_tokens?: readonly string[];
  readonly output_tokens?: readonly string[];
  readonly search_units?: readonly string[];
  readonly cost?: readonly string[];
  /** Where an answer with a status of success names an error. */
  readonly error_code?: readonly string[];
}

/** Words of a refusal that are followed by a limit, from which it is learned. */
export interface RowRefusal {
  /** Followed by the number: `tokens per submitted batch is`. */
  readonly after: string;
  readonly learns: "tokens_per_call" | "documents_per_call" | "tokens_per_document" | "characters_per_document";
}

/** As in core's `Limits`. */
export interface RowLimits {
  readonly documents_per_call?: number;
  /** Bytes of the JSON body. */
  readonly bytes_per_call?: number;
  /** Tokens of query plus one document. */
  readonly tokens_per_document?: number;
  /** UTF-16 units of one document. */
  readonly characters_per_document?: number;
  /** Tokens of all documents, and of the query once for each of them. */
  readonly tokens_per_call?: number;
}

/** US dollars, as of a day. */
export interface RowPrice {
  readonly per_search?: number;
  readonly per_million_tokens?: number;
  /** `2026-11-25`. */
  readonly date: string;
  /** Who says so. */
  readonly source: string;
}

/** What is true of some models of a provider alone. */
export interface RowModel {
  /** Glob for the model's name, without the provider's prefix: `rerank-v5*`. */
  readonly match: string;
  readonly path?: string;
  readonly score_kind?: ScoreKind;
  readonly scoring?: Profile["scoring"];
  readonly billing?: Profile["billing"];
  /** Limits that are not named stay the row's. */
  readonly limits?: RowLimits;
  readonly price?: RowPrice;
  /** Where the provider's own hosts ask for different prices; wins over `price`. */
  readonly price_by_host?: Readonly<Record<string, RowPrice>>;
  /** Fields that are not named stay the row's. */
  readonly request?: RowRequest;
  /** What every caller is told: `shut down on 2026-05-30; use qwen3-rerank`. */
  readonly deprecated?: string;
}

/** How a server with the same protocol is asked at an `api_base` that is not the provider's own. */
export interface RowElsewhere {
  readonly label?: string;
  /** Tried in this order at a base without a path, where the server does not know `path`; what it knows is remembered. */
  readonly other_paths?: readonly string[];
  readonly request: RowRequest;
  readonly response?: RowResponse;
  readonly score_kind: ScoreKind;
  readonly billing: Profile["billing"];
  readonly limits?: RowLimits;
}

/** What the page of a provider says beside its data. */
export interface RowDocumentation {
  /** In place of the label, where that is no name: `A LiteLLM proxy`. */
  readonly title?: string;
  /** Address of the provider's own documentation. */
  readonly page?: string;
  readonly quirks?: readonly string[];
  /** What nobody has confirmed yet. */
  readonly unverified?: readonly string[];
}
