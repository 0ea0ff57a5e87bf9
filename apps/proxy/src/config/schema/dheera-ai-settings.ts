import * as v from "valibot";

import type { CacheParams, DheeraAiSettings } from "../config.ts";
import { type GlobalParams, globalParamEntries, globalsWithoutEffect } from "./global-params.ts";
import { type Kind, choice, flag, list, number, redisUrl, seconds, sharedSection, text, whole } from "./kinds.ts";
import { defaultFallbacks, fallbacks } from "./router-settings.ts";
import { tlsEntries } from "./tls-settings.ts";

const cacheParams: Kind<CacheParams> = sharedSection(
  {
    type: v.optional(
      choice(
        ["local", "redis"],
        "`local`: in the memory of each process. `redis`: shared by all processes, with a local tier before it. Default local.",
      ),
      "local",
    ),
    url: v.optional(redisUrl("Redis: its URL, `redis://host:6379/0`.")),
    host: v.optional(text("Redis: its host; default localhost.")),
    port: v.optional(whole("Redis: its port; default 6379.", { most: 65_535 })),
    username: v.optional(text("Redis: user name.")),
    password: v.optional(text("Redis: password.")),
    db: v.optional(whole("Redis: number of the database; default 0.", { least: 0 })),
    namespace: v.optional(text("Redis: prefix of every key.")),
    ttl: v.optional(number("Seconds a score is remembered; default 3600.")),
    max_size_mb: v.optional(number("Megabytes of memory that scores may take in each process; default 64.")),
    namespace_per_key: v.optional(
      flag(
        "Keys share no scores: whether an answer was known, and how fast it came, tells a key nothing of what others asked.",
      ),
    ),
  },
  "Where scores are remembered.",
  [
    "mode",
    "supported_call_types",
    "max_connections",
    "ssl",
    "ssl_cert_reqs",
    "ssl_check_hostname",
    "default_in_memory_ttl",
    "default_in_redis_ttl",
    "similarity_threshold",
    "redis_startup_nodes",
    "redis_flush_size",
    "service_name",
    "sentinel_nodes",
    "sentinel_password",
    "disk_cache_dir",
  ],
);

/** `dheera_ai_settings`, also known as `litellm_settings`. */
export const dheeraAiSettings: Kind<DheeraAiSettings & GlobalParams> = sharedSection(
  {
    num_retries: v.optional(whole("As `router_settings.num_retries`, which wins.", { least: 0 })),
    request_timeout: v.optional(seconds("As `router_settings.timeout`, which wins.")),
    fallbacks: v.optional(fallbacks),
    default_fallbacks: v.optional(defaultFallbacks),
    allowed_fails: v.optional(whole("As `router_settings.allowed_fails`, which wins.", { least: 0 })),
    cooldown_time: v.optional(number("As `router_settings.cooldown_time`, which wins.")),
    cache: v.optional(flag("Remember scores, so that a known pair of query and document needs no call.")),
    cache_params: v.optional(cacheParams),
    callbacks: v.optional(
      list(
        text("A name."),
        "Telemetry that is switched on: `prometheus`, `otel`; other names of LiteLLM have no effect.",
      ),
    ),
    ...globalParamEntries,
    ...tlsEntries,
    strict: v.optional(flag("Refuse a configuration with keys that are not known here, as `--strict` does.")),
    use_litellm_proxy: v.optional(flag("As the parameter of the same name, for every deployment.")),
    json_logs: v.optional(flag("Logs as JSON lines even on a terminal.")),
    log_documents: v.optional(
      flag("Put queries and documents into logs. They are personal data more often than not."),
      false,
    ),
  },
  "Settings of the whole product; names follow LiteLLM's `litellm_settings`.",
  [
    ...globalsWithoutEffect,
    "drop_params",
    "modify_params",
    "set_verbose",
    "success_callback",
    "failure_callback",
    "service_callbacks",
    "turn_off_message_logging",
    "redact_user_api_key_info",
    "langfuse_default_tags",
    "force_ipv4",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "mcp_aliases",
    "telemetry",
    "network_mock",
    "store_audit_logs",
    "max_budget",
    "budget_duration",
    "default_internal_user_params",
    "default_team_settings",
    "default_team_params",
    "max_internal_user_budget",
    "key_generation_settings",
    "upperbound_key_generate_params",
    "disable_end_user_cost_tracking",
    "disable_end_user_cost_tracking_prometheus_only",
    "disable_hf_tokenizer_download",
    "disable_add_transform_inline_image_block",
    "disable_copilot_system_to_assistant",
    "enable_json_schema_validation",
    "enable_preview_features",
    "enable_key_alias_format_validation",
    "prometheus_metrics_config",
    "prometheus_initialize_budget_metrics",
    "custom_prometheus_metadata_labels",
    "custom_prometheus_tags",
    "require_auth_for_metrics_endpoint",
    "responses_api_timeout",
    "user_agent",
    "public_model_groups",
    "cost_discount_config",
    "tag_budget_config",
    "s3_callback_params",
    "datadog_params",
    "guardrails",
  ],
);
