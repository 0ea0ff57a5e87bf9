import type { ModelEntry, RouterSettings } from "@dheera-ai/core";
import type { NamelessRow } from "@dheera-ai/providers";

import type { Role } from "../sign-in/person.ts";

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
  readonly batch_settings: BatchSettings;
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
  /** It was added over the API, and is kept in the database. */
  readonly isAdded?: boolean;
  /** It names addresses and was added: its connections obey the rules for addresses that people add. */
  readonly obeysEgress?: boolean;
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

/** Redis that shares limits between processes; LiteLLM's names. */
export interface RedisSettings {
  readonly redis_url?: string;
  readonly redis_host?: string;
  readonly redis_port?: number;
  readonly redis_username?: string;
  readonly redis_password?: string;
  readonly redis_db?: number;
  /** Whether what may be in flight at a server, and cooldowns, are shared through it; default true. */
  readonly shared_admission?: boolean;
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
  /** Addresses and CIDR ranges to which addresses may lead that people add. */
  readonly allowed_private_networks?: readonly string[];
  /** Whether deployments of the database are served and added. */
  readonly store_model_in_db: boolean;
  readonly use_x_forwarded_for: boolean;
  readonly cors_allowed_origins?: readonly string[];
  /** The origin at which people reach the proxy. */
  readonly proxy_base_url?: string;
  /** Seconds for which somebody stays signed in. */
  readonly ui_session_duration: number;
  /** How people sign in at an OpenID provider. */
  readonly sso?: SsoSettings;
  /** Tokens of services are keys. */
  readonly enable_jwt_auth: boolean;
  readonly jwt_auth?: JwtSettings;
  readonly background_health_checks: boolean;
  /** Seconds. */
  readonly health_check_interval: number;
  readonly health_check_details: boolean;
  /** `postgresql://…` or `sqlite:…`: teams, keys, budgets and spend are kept there. */
  readonly database_url?: string;
  /** Connections of each process. */
  readonly database_connection_pool_limit?: number;
  /** Seconds. */
  readonly database_connection_timeout?: number;
  /** Keys that are known go on while the database is away. */
  readonly allow_requests_on_db_unavailable: boolean;
  /** Seconds for which they do. */
  readonly db_unavailable_grace: number;
  /** Folder of what could not be booked yet. */
  readonly spend_journal?: string;
  readonly disable_spend_logs: boolean;
  readonly maximum_spend_logs_retention_period?: string;
  readonly maximum_audit_logs_retention_period?: string;
  /** Seconds for which deliveries to webhooks are kept, and tried at most. */
  readonly maximum_webhook_logs_retention_period: number;
  /** Of a budget without a soft limit, the share from which it is nearly spent. */
  readonly budget_warning_share: number;
  /** Days before a key expires at which it is told. */
  readonly key_expiring_days: readonly number[];
  /** `slack`, `webhook`. */
  readonly alerting?: readonly string[];
  /** Addresses of Slack by kinds of alerts. */
  readonly alert_to_webhook_url?: Readonly<Record<string, string | readonly string[]>>;
  /** Kinds of alerts that are told; all when absent. */
  readonly alert_types?: readonly string[];
  /** US dollars that a request counts for in budgets while, or because, nobody knows what it costs. */
  readonly unknown_request_cost: number;
}

/** Files and batches. */
export interface BatchSettings {
  /** A folder, or `s3://bucket/prefix`; there are no batches where it is absent. */
  readonly storage?: string;
  readonly s3_endpoint_url?: string;
  readonly s3_region_name?: string;
  readonly s3_access_key_id?: string;
  readonly s3_secret_access_key?: string;
  /** `redis` when absent and `router_settings` names one, else `sqlite`. */
  readonly queue?: "sqlite" | "redis";
  /** Whether the processes of the proxy run batches. */
  readonly run_in_proxy: boolean;
  /** Lines at one time in one process. */
  readonly concurrency: number;
  readonly max_file_bytes: number;
  readonly max_lines: number;
  readonly max_line_bytes: number;
  /** Of all files of one key, unpacked. */
  readonly max_bytes_per_key?: number;
  /** Seconds. */
  readonly files_expire_after: number;
  /** At one time in all processes. */
  readonly max_open_uploads: number;
  readonly max_open_uploads_per_key: number;
  /** Seconds in which an upload must bring 64 KiB, or end. */
  readonly upload_stall_timeout: number;
  readonly max_open_batches_per_key: number;
  /** Seconds after their end. */
  readonly batches_expire_after: number;
}

/** An OpenID provider, and whom of its people the proxy lets in. */
export interface SsoSettings {
  readonly issuer: string;
  readonly client_id: string;
  /** Absent for a public client. */
  readonly client_secret?: string;
  readonly scope: string;
  /** All where absent. */
  readonly allowed_email_domains?: readonly string[];
  readonly require_verified_email: boolean;
  /** The claim that names groups; dots lead into objects. */
  readonly group_claim: string;
  /** All where absent. */
  readonly allowed_groups?: readonly string[];
  /** Roles by groups; where absent, administrators give roles. */
  readonly role_mappings?: {
    readonly default_role: Role;
    readonly roles: Readonly<Partial<Record<Role, readonly string[]>>>;
  };
  /** Of a new user, without `role_mappings`. */
  readonly default_role: Role;
  /** The claim that lists ids of teams; dots lead into objects. Where absent, administrators add members. */
  readonly team_ids_jwt_field?: string;
  /** Whether memberships end that the claim does not name. */
  readonly sync_user_role_and_teams: boolean;
}

/** Which tokens are keys, and whose. */
export interface JwtSettings {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Where the issuer's public keys are; the issuer's description says so where absent. */
  readonly jwks_url?: string;
  readonly algorithms?: readonly string[];
  /** Seconds. */
  readonly public_key_ttl: number;
  readonly team_id_jwt_field?: string;
  /** The claim that lists teams, of which the first that exists counts. */
  readonly team_ids_jwt_field?: string;
  readonly team_id_default?: string;
  readonly user_id_jwt_field?: string;
  readonly required_scopes?: readonly string[];
  readonly admin_jwt_scope?: string;
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
  /** Tokens a minute, as upstreams count them. */
  readonly tpm?: number;
  readonly max_parallel_requests?: number;
  /** Documents of one request. */
  readonly max_documents?: number;
  /** 0 (when absent) is the highest. */
  readonly priority?: number | "background";
  /** Whether it may read `/metrics`, which shows all keys and models. */
  readonly read_metrics?: boolean;
  /** Milliseconds since the epoch. */
  readonly expires?: number;
  /** US dollars; needs the database, as the next three do. */
  readonly max_budget?: number;
  /** `30d`, `1mo`; once and for all when absent. */
  readonly budget_duration?: string;
  /** A team of the database, whose limits and budget hold too. */
  readonly team_id?: string;
  /** The same of a user. */
  readonly user_id?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
