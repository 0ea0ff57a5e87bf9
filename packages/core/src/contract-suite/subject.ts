import type { Provider, Score, Usage } from "../contract.ts";
import type { ErrorCode } from "../errors.ts";

/** A provider to be tested, with what the suite must know to play its upstream. */
export interface ProviderSubject {
  readonly provider: Provider;
  /** A model name the provider accepts, without the provider's prefix. */
  readonly model: string;
  /** The key to connect with, where not any text will do. Default: a distinctive text. */
  readonly apiKey?: string;
  /**
   * The provider's own parameters, as they would stand in `dheera_ai_params`; made from the suite's server where they
   * name an address or a secret.
   */
  readonly options?: Options | ((server: { readonly url: string; readonly apiKey: string }) => Options);
  /** What stands in `provider_options`. Given exactly for a provider with `takesProviderOptions`. */
  readonly providerOptions?: {
    /** Each of these calls succeeds. */
    readonly accepted: readonly Options[];
    /** Each of these is `invalid_request`, and `param` names the key. */
    readonly refused: readonly Options[];
  };
  /** How its upstream speaks. Absent for a provider that calls no server; what needs one is then left out. */
  readonly upstream?: Upstream;
}

type Options = Readonly<Record<string, unknown>>;

/** How an upstream speaks: what it is asked, and what it answers. */
export interface Upstream {
  /** Appended to the loopback server's address to make `api_base`: `/v1`. */
  readonly path?: string;
  /**
   * Where query and documents stand in a request. A request without a list of documents is not for scores: it goes to
   * `other`.
   */
  readRequest(request: UpstreamRequest): SentTexts;
  /**
   * The answer that carries these scores in this order. A score of NaN must become what the upstream sends for it;
   * `null` in JSON.
   */
  answer(scores: readonly Score[], request: UpstreamRequest): ScoresAnswer;
  /**
   * The same where the upstream does not say what it bills; for an upstream that sometimes does. Then the provider must
   * say nothing either.
   */
  answerWithoutUsage?(scores: readonly Score[], request: UpstreamRequest): UpstreamAnswer;
  /** Answers what is not for scores, such as `GET /info`; 404 when absent. */
  other?(request: UpstreamRequest): UpstreamAnswer;
  /** True where the answer holds bare numbers in the documents' order, so that it cannot name a wrong index. */
  readonly positional?: boolean;
  /** Codes of statuses that mean something of their own here: `{ 424: "provider_failed" }`. */
  readonly refusals?: Readonly<Record<number, ErrorCode>>;
  /**
   * How the key is used. `sent` (default): it stands in a header of each request for scores. `exchanged`: it is
   * exchanged for a token, see `exchange`. `signed`: it signs requests and is never sent, see `signature`.
   */
  readonly credentials?: "sent" | "exchanged" | "signed";
  /** Needed for `credentials: "exchanged"`. */
  readonly exchange?: TokenExchange;
  /** Needed for `credentials: "signed"`. */
  readonly signature?: Signature;
  /**
   * `many`: the provider makes several requests for one call, and each document is in exactly one of them. Default
   * `one`.
   */
  readonly exchanges?: "one" | "many";
  /** What is sent for a document without any text, to an upstream that refuses such; itself when absent. */
  readonly emptyDocument?: string;
  /** The answer of a server that is loading its model; for an upstream that has one. */
  readonly starting?: UpstreamAnswer;
}

/** How an upstream hands out tokens for a key. */
export interface TokenExchange {
  /** Whether this request asks for a token. */
  isExchange(request: UpstreamRequest): boolean;
  /** The answer that hands out this token for so many seconds. */
  answer(token: string, expiresIn: number): UpstreamAnswer;
}

/** How an upstream knows who signed a request. */
export interface Signature {
  /** Lower-case name of the header it stands in. */
  readonly header: string;
  /**
   * Whether the signature of this request is right; without it the suite only sees that it changes with the documents.
   */
  verify?(request: UpstreamRequest, key: string): boolean;
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

/** An answer of a scripted server. */
export interface UpstreamAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is a string, as JSON otherwise. */
  readonly body: unknown;
}

/** An answer of a scripted server that holds scores. */
export interface ScoresAnswer extends UpstreamAnswer {
  /** What this answer says was billed: the provider must give exactly that, and no usage where it is absent. */
  readonly usage?: Usage;
}
