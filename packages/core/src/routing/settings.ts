import type { ModelParams } from "../deployment/params.ts";

/** One deployment of the configuration. Entries with the same `model_name` share its traffic. */
export interface ModelEntry {
  readonly model_name: string;
  readonly dheera_ai_params: ModelParams;
  readonly model_info?: Readonly<Record<string, unknown>> & {
    /** Names the deployment in headers, metrics and logs; derived from the parameters when absent. */
    readonly id?: string | undefined;
  };
}

/**
 * How replicas of one model name share its traffic: by weight, by documents in flight, by latency, or the cheapest that can
 * serve the request first, by weight among those of the same cost.
 */
export type RoutingStrategy = "simple-shuffle" | "least-busy" | "latency-based-routing" | "cost-based-routing";

/** Names and defaults follow LiteLLM's `router_settings`. */
export interface RouterSettings {
  /** Default `simple-shuffle`. */
  readonly routing_strategy?: RoutingStrategy | undefined;
  /** Retries of one batch after every other deployment was tried once; overload has 8 more. Default 2. */
  readonly num_retries?: number | undefined;
  /** Least seconds before a retry that has to wait; default 0. */
  readonly retry_after?: number | undefined;
  /** Seconds for a whole request when it names none; default 600. */
  readonly timeout?: number | undefined;
  /** Failures within a minute that a deployment may have before it cools down; default 3. */
  readonly allowed_fails?: number | undefined;
  /** Seconds during which a deployment gets no calls after failures; default 5. */
  readonly cooldown_time?: number | undefined;
  readonly disable_cooldowns?: boolean | undefined;
  /** `[{ "model-a": ["model-b"] }]`: the model names that serve when every deployment of a model name failed. */
  readonly fallbacks?: readonly Readonly<Record<string, readonly string[]>>[] | undefined;
  /** Fallbacks of every model name without its own. */
  readonly default_fallbacks?: readonly string[] | undefined;
  /** Fallbacks tried for one request at most; default 5. */
  readonly max_fallbacks?: number | undefined;
  /** Other names for model names: `{ "gpt-rerank": "bge" }`. */
  readonly model_group_alias?: Readonly<Record<string, string>> | undefined;
  /** Documents that may wait for one deployment; default 100,000. */
  readonly max_queued_documents?: number | undefined;
}

/** What a request may hold before it is refused. */
export interface RequestLimits {
  /** Default 10,000. */
  readonly maxDocuments?: number | undefined;
  /** The largest `max_chunks_per_doc`; one that is larger counts as this, with a warning. Any when absent. */
  readonly maxChunksPerDocument?: number | undefined;
  /** Whether a request may bring `api_base` and `api_key`; default true. A server answers false. */
  readonly allowDestination?: boolean | undefined;
}
