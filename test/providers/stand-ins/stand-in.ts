import type { Usage } from "@dheera-ai/core";
import type * as v from "valibot";

/** A provider's server as its documentation describes it, strict about everything that it is documented to be strict about. */
export interface StandIn {
  readonly provider: string;
  readonly model: string;
  /** Further keys of `dheera_ai_params`, where the provider has no address of its own or needs to know more. */
  readonly params?: Readonly<Record<string, string>>;
  /** The only address that it answers at. */
  readonly url: string;
  /** Headers without which it answers 401; the key is `the-key`. */
  readonly auth: Readonly<Record<string, string>>;
  /** Headers without which it answers 400. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Its body; what is not in it is refused. */
  readonly body: v.GenericSchema<unknown, Asked>;
  /** What callers must be told that its scores are. */
  readonly scoreKind: "probability" | "logit" | "cosine" | "unknown";
  /** Its score for a relevance between 0 and 1. */
  scoreOf(relevance: number): number;
  /** The order of its answers: `ranked` (default), best first; `unranked`, worst first; `positions`, as the documents. */
  readonly order?: "ranked" | "unranked" | "positions";
  /** Results where the request does not say how many; all when absent. */
  readonly mostByDefault?: number;
  /** The answer with these results in this order. */
  answer(rows: readonly Row[], asked: Asked): unknown;
  /** What its answers say of what was billed. */
  readonly used?: Usage;
  /** What a call costs by that and the price list, in US dollars; absent where no price is known. */
  readonly costs?: number;
  readonly limits: StandInLimits;
  /** The body of a refusal or failure. */
  error(status: number, message: string): unknown;
  /** Sent with 429; `retry-after: 7` where the provider has no others. */
  readonly rateHeaders?: Readonly<Record<string, string>>;
  /** Documents influence each other's scores, so a call must never be divided. */
  readonly isListwise?: boolean;
  /** Each call costs a search. */
  readonly isPerSearch?: boolean;
  /** Options that it takes and refuses, for the contract suite. */
  readonly providerOptions?: {
    readonly accepted: readonly Readonly<Record<string, unknown>>[];
    readonly refused: readonly Readonly<Record<string, unknown>>[];
  };
}

export interface StandInLimits {
  /** The status that refuses documents without text. */
  readonly empty?: number;
  /** Documents of a call; more are refused with `status`. */
  readonly documents?: { readonly most: number; readonly status: number };
  /** Words of all documents, and of the query once for each of them, of which the model reads `ofDocument` at most. */
  readonly tokens?: {
    readonly most: number;
    readonly ofDocument: number;
    readonly status: number;
    message?(most: number, sent: number): string;
  };
  /** UTF-16 units of a document. */
  readonly characters?: { readonly most: number; readonly status: number };
  /** Bytes of a body. */
  readonly bytes?: { readonly most: number; readonly status: number };
}

/** A request for scores that has been checked. */
export interface Asked {
  readonly query: string;
  readonly documents: readonly string[];
  /** How many results are wanted, where the provider cuts. */
  readonly most?: number | undefined;
}

export interface Row {
  readonly index: number;
  readonly score: number;
}
