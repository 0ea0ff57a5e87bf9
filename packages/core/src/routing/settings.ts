import type { Limits } from "../contract.ts";

/** One deployment of the configuration. Entries with the same `model_name` share its traffic. */
export interface ModelEntry {
  readonly model_name: string;
  readonly dheera_ai_params: ModelParams;
  readonly model_info?: Readonly<Record<string, unknown>> & {
    /** Names the deployment in headers, metrics and logs; derived from the parameters when absent. */
    readonly id?: string;
  };
}

/** How to reach one deployment and how to treat it. Keys not listed here belong to the provider. */
export interface ModelParams {
  /** `<provider>/<model>`. */
  readonly model: string;
  readonly api_base?: string;
  readonly api_key?: string;
  /** Seconds for one call. */
  readonly timeout?: number;
  /** Share of the traffic under `simple-shuffle`; default 1. */
  readonly weight?: number;
  /** Priority tier: lower is used first, higher only when no lower one is healthy. Default 0. */
  readonly order?: number;
  /** Requests a minute. */
  readonly rpm?: number;
  readonly max_parallel_requests?: number;
  /** As `num_retries`, which it overrides; 0: none, not even when the server is overloaded. */
  readonly max_retries?: number;
  /** Limits that win over what the server says of itself. */
  readonly max_documents_per_call?: number;
  readonly max_bytes_per_call?: number;
  readonly max_tokens_per_document?: number;
  readonly max_documents_in_flight?: number;
  readonly normalize?: "none" | "sigmoid";
  readonly long_documents?: "truncate" | "chunk_max";
  readonly on_document_error?: "fail" | "warn";
  /** `passthrough`: when nothing can rank, answer in input order with `meta.reranked: false`. */
  readonly on_error?: "fail" | "passthrough";
  /** Send a straggling batch a second time to another replica. Default false. */
  readonly hedge?: boolean;
  /** Headers sent with every call. */
  readonly extra_headers?: Readonly<Record<string, string>>;
  readonly [providerOption: string]: unknown;
}

export type RoutingStrategy = "simple-shuffle" | "least-busy" | "latency-based-routing";

/** Names and defaults follow LiteLLM's `router_settings`. */
export interface RouterSettings {
  /** Default `simple-shuffle`. */
  readonly routing_strategy?: RoutingStrategy;
  /** Retries of one batch when nobody else is left to try: each other deployment is tried once before; overload has 8 more. Default 2. */
  readonly num_retries?: number;
  /** Least seconds before a retry that has to wait; default 0. */
  readonly retry_after?: number;
  /** Seconds for a whole request when it names none; default 600. */
  readonly timeout?: number;
  /** Failures within a minute that a deployment may have before it cools down; default 3. */
  readonly allowed_fails?: number;
  /** Seconds a deployment is left alone; default 5. */
  readonly cooldown_time?: number;
  readonly disable_cooldowns?: boolean;
  /** `[{ "model-a": ["model-b"] }]`: who serves when every deployment of a model name failed. */
  readonly fallbacks?: readonly Readonly<Record<string, readonly string[]>>[];
  /** Fallbacks of every model name without its own. */
  readonly default_fallbacks?: readonly string[];
  /** Fallbacks tried for one request at most; default 5. */
  readonly max_fallbacks?: number;
  /** Other names for model names: `{ "gpt-rerank": "bge" }`. */
  readonly model_group_alias?: Readonly<Record<string, string>>;
  /** Documents that may wait for one deployment; default 100,000. */
  readonly max_queued_documents?: number;
}

/** What a request may hold before it is refused. */
export interface RequestLimits {
  /** Default 10,000. */
  readonly maxDocuments?: number;
  /** Whether a request may bring `api_base` and `api_key`; default true. A server answers false. */
  readonly allowDestination?: boolean;
}

/** The limits an entry sets by hand. */
export function configuredLimits(params: ModelParams): Limits {
  return {
    ...(params.max_documents_per_call !== undefined && { documentsPerCall: params.max_documents_per_call }),
    ...(params.max_bytes_per_call !== undefined && { bytesPerCall: params.max_bytes_per_call }),
    ...(params.max_tokens_per_document !== undefined && { tokensPerDocument: params.max_tokens_per_document }),
    ...(params.max_documents_in_flight !== undefined && { documentsInFlight: params.max_documents_in_flight }),
  };
}

/** Parameters that are core's; every other key belongs to the provider. */
export const coreParams: ReadonlySet<string> = new Set([
  "model",
  "api_base",
  "api_key",
  "timeout",
  "weight",
  "order",
  "rpm",
  "max_parallel_requests",
  "max_retries",
  "max_documents_per_call",
  "max_bytes_per_call",
  "max_tokens_per_document",
  "max_documents_in_flight",
  "normalize",
  "long_documents",
  "on_document_error",
  "on_error",
  "hedge",
  "extra_headers",
] satisfies readonly (keyof ModelParams)[]);
