/** Where a model lives and how to reach it: one deployment, credentials included. */
export interface Target {
  /** The model's name with the provider prefix removed: `BAAI/bge-reranker-base`. */
  readonly model: string;
  /** Base URL without a trailing slash; absent when the provider's own default is meant. */
  readonly apiBase?: string;
  /** A key given for exactly this target; a provider falls back to its own environment only where that is safe. */
  readonly apiKey?: string;
  /** HTTP as the host has set it up: pooled connections, no retries, redirects refused. */
  readonly http: Http;
  /** The provider's own extra parameters (`dheera_ai_params` keys core does not know), validated by the provider. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** How a provider talks to its server. Errors may be let through: core turns each into the right `DheeraError`. */
export interface Http {
  /**
   * The body of a successful answer: JSON where it is JSON, else its text.
   * @throws HttpError from status 400 on, and without a status where no answer came; the signal's reason when it
   * aborts.
   */
  json(url: string, request?: HttpRequest): Promise<unknown>;
  /**
   * The answer whatever its status, for a provider that reads refusals itself.
   * @throws HttpError where no answer came; the signal's reason when it aborts.
   */
  request(url: string, request?: HttpRequest): Promise<HttpAnswer>;
}

/** A request of a provider, as its HTTP client takes it. */
export interface HttpRequest {
  /** Default `GET`. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** An object is sent as JSON; a string as it is, with the `content-type` that `headers` give it. */
  readonly body?: object | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer of an upstream that was read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** JSON where it is JSON, whatever its content type; else the text. */
  readonly body: unknown;
}

/** Headers of an answer. */
export interface HttpHeaders {
  /** By name in any case; null where it is missing. */
  get(name: string): string | null;
}

/**
 * What a score means: sigmoid output in 0..1 (beyond by 0.01 core calls it unknown), an unbounded logit, a cosine in −1..1,
 * `rank` where only the order means something and the distances nothing, or not known.
 */
export type ScoreKind = "probability" | "logit" | "cosine" | "rank" | "unknown";

/** What one call may hold. An absent limit means none is known. */
export interface Limits {
  readonly documentsPerCall?: number | undefined;
  /** Bytes of the JSON body, query and envelope included. */
  readonly bytesPerCall?: number | undefined;
  /** Tokens of query plus document before the model cuts or refuses. */
  readonly tokensPerDocument?: number | undefined;
  /**
   * Tokens of all documents of a call and of its query, which counts once for each document: query × documents +
   * documents. Core estimates them, rather too many than too few.
   */
  readonly tokensPerCall?: number | undefined;
  /** UTF-16 units of one document after which the server refuses it even when it may truncate. Core cuts there. */
  readonly charactersPerDocument?: number | undefined;
  /** Documents the server works on or queues at one time, over all callers. */
  readonly documentsInFlight?: number | undefined;
  /**
   * Documents of a whole request, beyond which it is refused and not divided: for models that are paid for each document.
   * A provider that has this limit has a parameter `max_documents` that raises it.
   */
  readonly documentsPerRequest?: number | undefined;
}

/** What an upstream asks for, in US dollars a unit. An absent field means that it is not known; 0 means free. */
export interface Price {
  /** A search as the upstream counts them. */
  readonly perSearchUnit?: number | undefined;
  /** A token of the input: 0.00000005 where a million costs 5 cents. */
  readonly perToken?: number | undefined;
  /** A token of the output, where the upstream bills any. */
  readonly perOutputToken?: number | undefined;
}

/** What core must know of a deployment to split, cache, spread and compare safely. */
export interface Profile {
  /**
   * `pointwise`: each document is scored on its own. `listwise`: documents influence each other, so they are never
   * split nor cached one by one.
   */
  readonly scoring: "pointwise" | "listwise";
  readonly scoreKind: ScoreKind;
  /** `per-search`: splitting costs money, so it happens only when a limit forces it. */
  readonly billing: "compute" | "per-search" | "per-token";
  /** Same fingerprint = same scores (model, revision, dtype, template …). */
  readonly fingerprint: string;
  readonly limits: Limits;
  /**
   * What the model costs, for calls whose cost the upstream does not name. `model_info` of the configuration wins over it
   * (`input_cost_per_query`, `input_cost_per_token`, `output_cost_per_token`).
   */
  readonly price?: Price | undefined;
  /** True where the server pads a batch to its longest document, so that similar lengths belong together. */
  readonly pads?: boolean | undefined;
  /** Server software and version as it names itself: `text-embeddings-inference 1.9.3`. For people to read. */
  readonly server?: string | undefined;
  /**
   * Sent to every caller in `meta.warnings`: `the server is not known to apply the prompt template this model needs`.
   */
  readonly warnings?: readonly string[] | undefined;
}

/** What a caller may ask about how documents are scored. An absent field means the provider's default. */
export interface ScoreParams {
  /** Cut what is too long (default true) or let the server refuse it. */
  readonly truncate?: boolean;
  /** Which end is cut off (default right). */
  readonly truncationDirection?: "left" | "right";
  /** Ask for logits instead of normalised scores, where the model can. */
  readonly rawScores?: boolean;
  /** Tokens of one document that count; the rest is cut. */
  readonly maxTokensPerDocument?: number;
  /** What "relevant" means, for models that follow instructions. */
  readonly instruction?: string;
  /** Present: the caller asks which parts of each document are relevant. See `Scorer.asksDetails`. */
  readonly relevantSpans?: RelevantSpans;
}

/** How the relevant parts of a document are chosen. An absent field means the provider's default. */
export interface RelevantSpans {
  /** Parts with a lower score are left out. */
  readonly threshold?: number;
  /** Parts of one document at most. */
  readonly maxSpans?: number;
}

/**
 * What is to be scored. Later versions may add fields, such as images beside the texts of documents, for scorers that
 * ask for them: a provider ignores the fields that it does not know.
 */
export interface ScoreCall {
  readonly query: string;
  /**
   * The text of each document: at least one; within the profile's limits. A list of this call alone: a provider that
   * changes it gives no ranking, because the indices of its scores may mean other texts.
   */
  readonly documents: readonly string[];
  readonly params: ScoreParams;
  /**
   * What the configuration (`provider_options` of the deployment) and the caller (`provider_options.<name>` of the
   * request) say to this provider alone; the caller's keys win. `{}` when they say nothing. The provider checks them
   * and refuses what it cannot use with `invalid_request` and `param: "provider_options.<name>.<key>"`.
   */
  readonly providerOptions: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /**
   * The same object in all attempts of one call, and in no call for anybody else. A provider that sends several requests
   * for a call may keep what a failed attempt has paid for in a `WeakMap` by it, and in nothing that lives longer. Core
   * always gives one.
   */
  readonly sameCall?: object | undefined;
}

/**
 * What one call used, as the upstream billed it: a figure that the upstream does not name is absent, and never an
 * estimate.
 */
export interface Usage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Searches as the upstream counts them: Cohere bills one for each 100 documents begun. */
  readonly searchUnits?: number | undefined;
  /** US dollars. */
  readonly cost?: number | undefined;
}

/** A score for the document at `index` of the call. */
export interface Score {
  readonly index: number;
  readonly score: number;
  /**
   * More that the upstream says of the document, by the names that callers know: `{ relevant_spans: [{ start, end, score }] }`.
   * Lands in the caller's result beside the score; names that a result has already (`index`, `relevance_score`,
   * `document`) have no effect. Only where `asksDetails` is true of the call.
   */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** What one call of a scorer gives. */
export interface ScoreResult {
  /** One for each document, in any order. Core checks all of a result before it uses any of it. */
  readonly scores: readonly Score[];
  /** What the upstream billed for this call; absent where it says nothing. */
  readonly usage?: Usage | undefined;
  /** What these scores are, where it differs from the profile (logits after `rawScores`). */
  readonly scoreKind?: ScoreKind | undefined;
  /** Indices (of the call) of documents that the server says it cut, or that the provider did. */
  readonly truncated?: readonly number[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  /**
   * False where these scores answer this request and no later one, so that no cache keeps them: some of them were not
   * given by the model, and a cache keeps no warning that says so. Default true.
   */
  readonly keep?: boolean | undefined;
}

/** A connected model: remembers what it learned about its server. */
export interface Scorer {
  /**
   * Cheap when called often: ask the server once, remember, refresh after a while. It has 5 seconds (fewer where the
   * deployment's `timeout` is shorter); then, and where what it gives is no profile, other deployments serve. A model that is still loading is no reason to wait here: throw `provider_starting` with
   * `retryAfter`, as `score` does. Core then waits for the server, see `wake`.
   */
  profile(signal: AbortSignal): Profile | Promise<Profile>;
  /**
   * Present where a server may serve another model from one moment to the next without saying so. Gives the profile as it
   * is now, having asked the server, at once where nothing need be asked. Core calls it before it uses cached scores; where
   * the server cannot be reached (`provider_unreachable`) they are used all the same.
   */
  confirm?(signal: AbortSignal): Profile | Promise<Profile>;
  /**
   * Scores the documents; does not retry, split, sort or cut. Throws `DheeraError`, or lets errors of `Target.http`
   * through. Where the server is loading its model it throws `provider_starting` with `retryAfter`, the seconds after
   * which asking again makes sense.
   */
  score(call: ScoreCall): Promise<ScoreResult>;
  /**
   * The tokens of each text as the server's own tokenizer counts them, special tokens included, in the order of the
   * texts: at least one, none empty, no more than `limits.documentsPerCall`. Core cuts long documents by it. Undefined
   * where the server cannot tell; core estimates then, as it does without this method or when it fails.
   */
  countTokens?(texts: readonly string[], signal: AbortSignal): Promise<readonly number[] | undefined>;
  /**
   * Starts a server that sleeps, or waits for one that is loading; resolves when it serves. Called after
   * `provider_starting`, once for all requests, and given up to ten minutes. Requests wait for it within their deadline
   * and are answered with `provider_starting` and `Retry-After` after that. Without it, core asks again when
   * `retryAfter` has passed.
   */
  wake?(signal: AbortSignal): Promise<void>;
  /**
   * Whether it can serve, told without a call to a server and without starting anything: resolves, or throws what `score`
   * would. Present where that can be told. Health checks ask it in place of scoring one tiny pair, after the profile, so
   * that they keep nothing awake; so does a host that has read a configuration, before the profile.
   */
  check?(signal: AbortSignal): Promise<void>;
  /**
   * Lets go of models, connections and timers. Called once, after the last call has ended (calls whose signal has
   * aborted are waited for 5 seconds); there are no calls afterwards.
   */
  close?(): void | Promise<void>;
  /**
   * The child processes that its model runs in, where it runs in some, for those who watch them. Cheap, and starts
   * nothing; undefined where that is not known yet.
   */
  processes?(): ChildProcesses | undefined;
  /**
   * True where `score` reads `ScoreCall.providerOptions`. Otherwise core warns a caller who sends some that they had no
   * effect.
   */
  readonly takesProviderOptions?: boolean;
  /**
   * Whether a call with these options and parameters brings `Score.details`. Such requests are neither answered from
   * cached scores nor with the work of others, because only scores are kept. Without it, or where it is false, details
   * are dropped, and a caller who asks for `relevant_spans` is warned that there are none.
   */
  asksDetails?(providerOptions: Readonly<Record<string, unknown>>, params: ScoreParams): boolean;
}

/** Child processes of one model, as they are now. */
export interface ChildProcesses {
  /** How many serve. */
  readonly serving: number;
  /** How many load their model. */
  readonly starting: number;
  /** Whether none serves although one was wanted, as the last start found. */
  readonly isFailing: boolean;
  /** Bytes of memory that those use which run, as they last said. */
  readonly memory: number;
  /**
   * How many were lost or had to be replaced, by how: `SIGKILL`, `code 1`, `not started`, `hung`, `memory_limit`. Those
   * that were ended because nobody asked them are not counted.
   */
  readonly ends: Readonly<Record<string, number>>;
}

/** A plug-in. `connect` opens nothing: the first call does. */
export interface Provider {
  /** The prefix in `model: <name>/<model>`. Lower case letters, digits, `-` and `_`. */
  readonly name: string;
  /**
   * The keys of `Target.options` that it reads. A host then tells the operator of any other key, such as a misspelt
   * one; it says nothing when they are absent.
   */
  readonly optionNames?: readonly string[];
  connect(target: Target): Scorer;
}
