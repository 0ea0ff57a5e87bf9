import type { Profile, Usage } from "./contract.ts";
import type { ErrorCode } from "./errors.ts";

/** One call to an upstream, as an observer sees it. */
export interface CallFacts {
  /** Id of the request this call belongs to. */
  readonly callId: string;
  /** Whom the request is for (`RerankOptions.tenant`): in the proxy the name of its key. Empty where it names nobody. */
  readonly tenant: string;
  readonly deployment: string;
  readonly modelName: string;
  readonly provider: string;
  /** The model as the provider knows it. */
  readonly model: string;
  /** How its upstream bills, as far as that is known. */
  readonly billing: Profile["billing"] | undefined;
  readonly documents: number;
  /** Milliseconds this batch waited for a slot. */
  readonly queueMilliseconds: number;
  /** 0 for the first try of a batch. */
  readonly attempt: number;
  readonly hedge: boolean;
}

/** What happened beside calls. */
export type DheeraEvent = RequestEvent | BlockedEvent | ShadowEvent;

/**
 * What happened to a request, or was noticed by it, and the request's id. `unknown-server`: a deployment did not say what
 * it is, which costs it a failure as a call does. `silent`: it answers nothing for so long that its calls go to others as
 * well. `defect`: a programming error of a provider.
 */
export type RequestEvent = { readonly callId: string } & (
  | { readonly type: "retry"; readonly deployment: string; readonly code: ErrorCode }
  | { readonly type: "fallback"; readonly from: string; readonly to: string; readonly code: ErrorCode }
  | { readonly type: "cooldown"; readonly deployment: string; readonly seconds: number; readonly code: ErrorCode }
  | { readonly type: "silent"; readonly deployment: string; readonly milliseconds: number }
  | { readonly type: "recovered"; readonly deployment: string }
  | { readonly type: "unknown-server"; readonly deployment: string; readonly code: ErrorCode }
  | { readonly type: "starting"; readonly deployment: string; readonly seconds: number }
  | { readonly type: "defect"; readonly deployment: string; readonly cause: unknown }
  | { readonly type: "passthrough"; readonly modelName: string; readonly code: ErrorCode }
);

/**
 * A provider kept the event loop for a second or longer before it first waited, and every request waited with it. Told
 * once a minute for each deployment.
 */
export interface BlockedEvent {
  readonly type: "blocked";
  /** Belongs to no single request. */
  readonly callId?: undefined;
  readonly deployment: string;
  readonly provider: string;
  readonly during: "profile" | "score" | "wake" | "countTokens";
  readonly milliseconds: number;
}

/** A request went to a second model as well, after it was answered, or would have (`shadow` of an entry). */
export type ShadowEvent = ShadowOutcome & {
  readonly type: "shadow";
  /** That of the request which was answered; the one to the second model has `-shadow` behind it. */
  readonly callId: string;
  readonly modelName: string;
  /** The second model's name. */
  readonly shadow: string;
};

/** What became of a request that a second model was asked too: how alike both rankings are, or why they were not compared. */
export type ShadowOutcome =
  | {
      readonly outcome: "compared";
      /** The first results that `overlap` is about: the request's `top_n`, or 10. */
      readonly k: number;
      /** The part of the first k documents that both have, 0 to 1. */
      readonly overlap: number;
      /** Kendall's τ-b over the documents of both, −1 to 1; absent where it says nothing. */
      readonly kendallTau?: number;
      /** From the question to the ranking; both absent where one of them had scores that were known. */
      readonly milliseconds?: number;
      readonly shadowMilliseconds?: number;
      /** US dollars, where all of it is known. */
      readonly cost?: number | undefined;
      readonly shadowCost?: number | undefined;
    }
  | { readonly outcome: "failed"; readonly reason: ErrorCode }
  | {
      readonly outcome: "dropped";
      /**
       * The limit that it would have passed; `too_dear`: alone it would cost more than a day may; `unknown_cost`: nobody has named a
       * price, and one was asked today; `busy`: requests of callers were waiting for the second model; `diversified`: the answer's
       * order is no longer the model's.
       */
      readonly reason:
        | "max_parallel"
        | "max_cost_per_day"
        | "too_dear"
        | "unknown_cost"
        | "memory"
        | "busy"
        | "diversified";
    };

/** Watches requests and calls; metrics, traces and logs are observers. Nothing is computed when there is none. */
export interface Observer {
  /**
   * Runs around each call: what `run` returns or throws must be returned or thrown unchanged. `usage.cost` is that of the call
   * as far as it is known, by the upstream's own figure or by price.
   */
  call?<T extends { readonly usage?: Usage }>(facts: CallFacts, run: () => Promise<T>): Promise<T>;
  event?(event: DheeraEvent): void;
}

/** What one request went through; filled in while it runs, also when it fails. */
export interface RequestReport {
  /** Deployment that served; the last of them when several did. */
  deployment?: string;
  /** Model name that served. */
  modelName?: string;
  /** The combined model that answered, by its own model name, also where it served as one of its members. */
  combinedModel?: string | undefined;
  /** Provider of the deployments that served, or whose scores were known. */
  provider?: string;
  documents: number;
  batches: number;
  /** Texts that upstreams have scored so far: documents, or their chunks. */
  scored: number;
  retries: number;
  fallbacks: number;
  cacheHits: number;
  cacheMisses: number;
  tokens: number;
  /**
   * US dollars of the calls whose cost is known: the upstream named it, or a price tells. Calls of failed attempts and of
   * fallbacks included.
   */
  cost: number;
  /**
   * Calls whose cost is not known, or not yet. While there are any, nobody can say what the request cost: an attempt that
   * was given up counts, because its upstream may bill it.
   */
  unpricedCalls: number;
  /** Those of them whose servers bill nothing and have no price: people's own. */
  freeCalls: number;
  /** US dollars that texts would have cost whose scores were known or repeated; absent where that is not known. */
  savedCost: number | undefined;
  /** Milliseconds during which at least one call ran. */
  upstreamMilliseconds: number;
  /** Milliseconds during which no call ran but a batch waited for a slot or a retry. */
  queueMilliseconds: number;
  /** Why no deployment could rank, where `on_error: passthrough` answered. */
  passthrough?: ErrorCode;
}
