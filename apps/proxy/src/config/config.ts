import type { ModelEntry, RouterSettings } from "@dheera-ai/core";
import type { NamelessRow } from "@dheera-ai/providers";

/**
 * A checked configuration: plain data, `os.environ/NAME` resolved, defaults filled in. It holds keys: never print it.
 */
export interface Config {
  readonly model_list: readonly ConfiguredModel[];
  readonly plugins: readonly string[];
  /** Providers of one's own as data, by the prefix of their models. */
  readonly providers: Readonly<Record<string, NamelessRow>>;
  readonly router_settings: RouterSettings & RedisSettings;
  readonly dheera_ai_settings: DheeraAiSettings;
  readonly general_settings: GeneralSettings;
  /** Values that win over the environment of the process. */
  readonly environment_variables: Readonly<Record<string, string>>;
  /** Why no caller can be let in although a master key is configured: its environment variable is not set. */
  readonly locked?: string;
}

export interface ConfiguredModel extends ModelEntry {
  /** Why this entry cannot serve: an environment variable it names is not set. */
  readonly unavailable?: string;
  /** Where its connections are secured otherwise than those of the others. */
  readonly tls?: TlsSettings;
}

/** How connections to upstreams are secured; names follow LiteLLM. Paths are relative to the configuration file. */
export interface TlsSettings {
  /** `false`, or the file of the authorities that are trusted in place of the usual ones. */
  readonly ssl_verify?: boolean | string;
  /** File of the proxy's own certificate. */
  readonly ssl_certificate?: string;
  /** File of its private key; in the file of the certificate when absent. */
  readonly ssl_key?: string;
}

/** Redis that shares rate limits between processes; LiteLLM's names. */
export interface RedisSettings {
  readonly redis_url?: string;
  readonly redis_host?: string;
  readonly redis_port?: number;
  readonly redis_username?: string;
  readonly redis_password?: string;
  readonly redis_db?: number;
}

/** `dheera_ai_settings`, also known as `litellm_settings`. */
export interface DheeraAiSettings extends TlsSettings {
  readonly num_retries?: number;
  /** Seconds for a whole request. */
  readonly request_timeout?: number;
  readonly fallbacks?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly default_fallbacks?: readonly string[];
  readonly allowed_fails?: number;
  readonly cooldown_time?: number;
  readonly cache?: boolean;
  readonly cache_params?: CacheParams;
  readonly callbacks?: readonly string[];
  /** Unknown keys are mistakes. */
  readonly strict?: boolean;
  readonly use_litellm_proxy?: boolean;
  readonly json_logs?: boolean;
  readonly log_documents: boolean;
}

export interface CacheParams {
  readonly type: "local" | "redis";
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly namespace?: string;
  /** Seconds. */
  readonly ttl?: number;
  readonly max_size_mb?: number;
  /** Whether keys share no scores with one another. */
  readonly namespace_per_key?: boolean;
}

export interface GeneralSettings {
  readonly master_key?: string;
  readonly keys: readonly KeySettings[];
  readonly key_header_name?: string;
  /** Answers carry headers under the names of LiteLLM too; false when absent. */
  readonly litellm_response_headers?: boolean;
  readonly max_request_size_mb: number;
  /** Of the bodies of all requests under way in one process. */
  readonly max_request_memory_mb: number;
  readonly max_request_values: number;
  readonly max_response_size_mb: number;
  readonly max_documents: number;
  readonly max_chunks_per_doc: number;
  /** For each key that names no limit of its own. */
  readonly max_parallel_requests?: number;
  readonly global_max_parallel_requests?: number;
  /** Whether a key's `models` hold for fallbacks as well. */
  readonly fallbacks_within_key_models: boolean;
  /** Requests a minute over all callers. */
  readonly rpm?: number;
  /** Documents a minute over all callers. */
  readonly dpm?: number;
  /** How limited requests are treated while Redis cannot be reached. */
  readonly rate_limit_failure: "open" | "closed";
  /** Addresses and CIDR ranges. */
  readonly allowed_ips?: readonly string[];
  readonly use_x_forwarded_for: boolean;
  readonly cors_allowed_origins?: readonly string[];
  readonly background_health_checks: boolean;
  /** Seconds. */
  readonly health_check_interval: number;
  readonly health_check_details: boolean;
}

/** One key that callers may use, and what it allows. */
export interface KeySettings {
  readonly name: string;
  /** `sha256:` and the hexadecimal hash of the key; the key itself is not kept. */
  readonly key: string;
  /** Model names it may ask for; all when absent. */
  readonly models?: readonly string[];
  /** Requests a minute. */
  readonly rpm?: number;
  /** Documents a minute. */
  readonly dpm?: number;
  readonly max_parallel_requests?: number;
  /** Documents of one request. */
  readonly max_documents?: number;
  /** 0 (when absent) is the highest. */
  readonly priority?: number;
  /** Whether it may read `/metrics`, which shows all keys and models. */
  readonly read_metrics?: boolean;
  /** Milliseconds since the epoch. */
  readonly expires?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
