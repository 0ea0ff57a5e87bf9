import type { $Fetch } from "ofetch";

/** Where a model lives and how to reach it: one deployment, credentials included. */
export interface Target {
  /** The model's name with the provider prefix removed: `BAAI/bge-reranker-base`. */
  readonly model: string;
  /** Base URL without a trailing slash; absent when the provider's own default is meant. */
  readonly apiBase?: string;
  /** A key given for exactly this target; a provider falls back to its own environment only where that is safe. */
  readonly apiKey?: string;
  /** ofetch, set up by the host: transport, redirects refused, no retries. Throws `FetchError` from status 400 on. */
  readonly http: $Fetch;
  /** The provider's own extra parameters (`dheera_ai_params` keys core does not know), validated by the provider. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a score means: sigmoid output in 0..1, an unbounded logit, a cosine in −1..1, or nobody said. */
export type ScoreKind = "probability" | "logit" | "cosine" | "unknown";

/** What one call may hold. An absent limit means none is known. */
export interface Limits {
  readonly documentsPerCall?: number;
  /** Bytes of the JSON body, query and envelope included. */
  readonly bytesPerCall?: number;
  /** Tokens of query plus document before the model cuts or refuses. */
  readonly tokensPerDocument?: number;
  /** UTF-16 units of one document after which the server refuses it even when it may truncate. Core cuts there. */
  readonly charactersPerDocument?: number;
  /** Documents the server works on or queues at one time, over all callers. */
  readonly documentsInFlight?: number;
}

/** What core must know of a deployment to split, cache, spread and compare safely. */
export interface Profile {
  /** `pointwise`: each document is scored on its own. `listwise`: documents influence each other, so they are never split nor cached one by one. */
  readonly scoring: "pointwise" | "listwise";
  readonly scoreKind: ScoreKind;
  /** `per-search`: splitting costs money, so it happens only when a limit forces it. */
  readonly billing: "compute" | "per-search" | "per-token";
  /** Same fingerprint = same scores (model, revision, dtype, template …). */
  readonly fingerprint: string;
  readonly limits: Limits;
  /** True where the server pads a batch to its longest document, so that similar lengths belong together. */
  readonly pads?: boolean;
  /** Server software and version as it names itself: `text-embeddings-inference 1.9.3`. For people to read. */
  readonly server?: string;
  /** Told to every caller in `meta.warnings`: `the server is not known to apply the prompt template this model needs`. */
  readonly warnings?: readonly string[];
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
}

export interface ScoreCall {
  readonly query: string;
  /** At least one; within the profile's limits. */
  readonly documents: readonly string[];
  readonly params: ScoreParams;
  readonly signal: AbortSignal;
}

/** A score for the document at `index` of the call. */
export interface Score {
  readonly index: number;
  readonly score: number;
}

export interface ScoreResult {
  /** One for each document, in any order; core checks it. */
  readonly scores: readonly Score[];
  /** Input tokens as the upstream counted them; absent where it gives none. Never an estimate. */
  readonly tokens?: number;
  /** What these scores are, where it differs from the profile (logits after `rawScores`). */
  readonly scoreKind?: ScoreKind;
  /** Indices (of the call) of documents the server says it cut. */
  readonly truncated?: readonly number[];
  readonly warnings?: readonly string[];
}

/** A connected model: remembers what it learned about its server. */
export interface Scorer {
  /** Cheap when called often: ask the server once, remember, refresh after a while. */
  profile(signal: AbortSignal): Profile | Promise<Profile>;
  /** Scores the documents in one HTTP exchange; does not retry, split, sort or cut. Throws `DheeraError`, or lets ofetch's `FetchError` through. */
  score(call: ScoreCall): Promise<ScoreResult>;
  /** Asks a sleeping server to start, and resolves when it serves. Without it, core tries again at the estimated time. */
  wake?(signal: AbortSignal): Promise<void>;
}

/** A plug-in. `connect` opens nothing: the first call does. */
export interface Provider {
  /** The prefix in `model: <name>/<model>`. Lower case letters, digits, `-` and `_`. */
  readonly name: string;
  connect(target: Target): Scorer;
}
