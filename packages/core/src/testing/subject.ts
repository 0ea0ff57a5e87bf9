import type { Provider, Score } from "../contract.ts";
import type { ErrorCode } from "../errors.ts";

/** A provider to be tested, with what the suite must know to play its upstream. */
export interface ProviderSubject {
  readonly provider: Provider;
  /** A model name the provider accepts, without the provider's prefix. */
  readonly model: string;
  /** The provider's own parameters, as they would stand in `dheera_ai_params`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** How its upstream speaks. Absent for a provider that calls no server; what needs one is then left out. */
  readonly upstream?: Upstream;
}

/** How an upstream speaks: what it is asked, and what it answers. */
export interface Upstream {
  /** Appended to the loopback server's address to make `api_base`: `/v1`. */
  readonly path?: string;
  /** Where query and documents stand in a request. A request without a list of documents is not for scores: it goes to `other`. */
  readRequest(request: UpstreamRequest): SentTexts;
  /** The answer that carries these scores in this order. A score of NaN must become what the upstream sends for it; `null` in JSON. */
  answer(scores: readonly Score[], request: UpstreamRequest): UpstreamAnswer;
  /** Answers what is not for scores, such as `GET /info`; 404 when absent. */
  other?(request: UpstreamRequest): UpstreamAnswer;
  /** True where the answer holds bare numbers in the documents' order, so that it cannot name a wrong index. */
  readonly positional?: boolean;
  /** Codes of statuses that mean something of their own here: `{ 424: "provider_failed" }`. */
  readonly refusals?: Readonly<Record<number, ErrorCode>>;
}

/** A request as it reached the suite's server. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query string: `/v1/rerank`. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came. */
  readonly text: string;
  /** The JSON body; empty when there was no object in it. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the suite takes from a request; it checks the types itself. */
export interface SentTexts {
  readonly query: unknown;
  readonly documents: unknown;
}

export interface UpstreamAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is a string, as JSON otherwise. */
  readonly body: unknown;
}
