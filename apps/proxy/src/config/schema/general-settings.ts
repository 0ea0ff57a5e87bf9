import * as v from "valibot";

import { isAddressOrRange } from "../../access/addresses.ts";
import type { GeneralSettings, KeySettings } from "../config.ts";
import {
  type Kind,
  anything,
  choice,
  flag,
  list,
  named,
  number,
  section,
  sharedSection,
  text,
  whole,
} from "./kinds.ts";

const expiry: Kind<number> = v.pipe(
  v.string("must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z"),
  v.transform((date) => Date.parse(date)),
  v.finite("must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z"),
  v.description("Date from which the key lets no caller in: `2027-01-31`."),
);

const hashedKey: Kind<string> = v.pipe(
  v.string("must be a text"),
  v.regex(
    /^sha256:[0-9a-f]{64}$/i,
    "must be os.environ/NAME or sha256:<the key's hash in hexadecimal>; `dheera_ai keys create` makes both",
  ),
  v.toLowerCase(),
  v.description(
    "`os.environ/NAME`, or `sha256:` and the hexadecimal hash of the key. `dheera_ai keys create` makes both.",
  ),
);

const keyName: Kind<string> = v.pipe(
  text("Names the key in logs and metrics."),
  v.check(
    (name) => name !== "master" && name !== "local",
    "must not be master or local: callers without a key of their own are called so",
  ),
  v.description("Names the key in logs and metrics."),
);

const key: Kind<KeySettings> = section(
  {
    name: keyName,
    key: hashedKey,
    models: v.optional(list(text("A model name."), "Model names the key may ask for; all when absent.")),
    rpm: v.optional(whole("Requests a minute.")),
    dpm: v.optional(whole("Documents a minute; chunks of long documents count as documents.")),
    max_parallel_requests: v.optional(whole("Requests at one time, in each process.")),
    max_documents: v.optional(whole("Documents of one request; chunks of long documents count as documents.")),
    priority: v.optional(
      whole(
        "Its share of a deployment that is busy is 1 / (1 + priority): beside a key with 0, the highest and the default, one with 1 gets half as many documents.",
        { least: 0 },
      ),
    ),
    read_metrics: v.optional(
      flag("May read `/metrics`, which shows the names and the traffic of all keys and models."),
    ),
    expires: v.optional(expiry),
    metadata: v.optional(named(anything("Any value."), "Anything you want to remember with the key.")),
  },
  "One key that callers may use, and what it allows.",
  ["max_budget", "budget_duration", "tpm", "team_id", "user_id"],
);

const keys: Kind<KeySettings[]> = v.pipe(
  list(key, "Further keys, each with its own permissions and limits."),
  v.checkItems(
    ({ name }, index, all) => all.findIndex((other) => other.name === name) === index,
    "its name stands at another key already",
  ),
  v.description("Further keys, each with its own permissions and limits."),
);

const address: Kind<string> = v.pipe(
  text("An address or a CIDR range."),
  v.check(isAddressOrRange, "must be an address or a CIDR range, such as 10.0.0.0/8"),
  v.description("An address or a CIDR range."),
);

/** `general_settings`. */
export const generalSettings: Kind<GeneralSettings> = sharedSection(
  {
    master_key: v.optional(
      text(
        "The key that may do everything; usually `os.environ/DHEERA_AI_MASTER_KEY`. Without any key only callers on this machine are served.",
      ),
    ),
    keys: v.optional(keys, []),
    key_header_name: v.optional(
      text("A header that carries the key beside `Authorization`. LiteLLM's `litellm_key_header_name` means the same."),
    ),
    litellm_response_headers: v.optional(
      flag(
        "Answers also carry the headers that LiteLLM has: `x-litellm-call-id`, `-version`, `-model-id`, `-model-group`, `-response-cost`, `-response-duration-ms`, `-overhead-duration-ms`, `-attempted-retries`, `-attempted-fallbacks`. By default they do where a file of the configuration says `litellm_params` or another of LiteLLM's names.",
      ),
    ),
    max_request_size_mb: v.optional(
      number("Megabytes of a request's body. One this large holds up others for up to a tenth of a second."),
      16,
    ),
    max_request_memory_mb: v.optional(
      whole(
        "Megabytes that the bodies of all requests under way may take, divided among `--num_workers`. Beyond that a body waits unread, at most 30 seconds; with several keys one key gets no more than half, and a quarter is kept for bodies below 64 kB.",
      ),
      96,
    ),
    max_request_values: v.optional(
      whole(
        "JSON values of a request's body: documents, their fields, everything in them. Each takes up to 100 bytes of memory, however short it is.",
      ),
      150_000,
    ),
    max_response_size_mb: v.optional(
      number("Megabytes of an upstream's answer; never more than 2 and four times its request."),
      32,
    ),
    max_documents: v.optional(whole("Documents of one request; chunks of long documents count as documents."), 10_000),
    max_chunks_per_doc: v.optional(
      whole("The largest `max_chunks_per_doc` of a request; one that asks for more gets this many, and a warning."),
      100,
    ),
    max_parallel_requests: v.optional(
      whole("Requests at one time for each key that names no number of its own, in each process."),
    ),
    global_max_parallel_requests: v.optional(whole("Requests at one time over all callers, in each process.")),
    fallbacks_within_key_models: v.optional(
      flag(
        "A key's `models` hold for fallbacks as well. Otherwise, as with LiteLLM, a fallback serves every key that may use the model it stands in for.",
      ),
      false,
    ),
    rpm: v.optional(whole("Requests a minute over all callers.")),
    dpm: v.optional(whole("Documents a minute over all callers.")),
    rate_limit_failure: v.optional(
      choice(
        ["open", "closed"],
        "While Redis cannot be reached: count in each process from what Redis said last (`open`), or refuse limited requests (`closed`).",
      ),
      "open",
    ),
    allowed_ips: v.optional(list(address, "Addresses and CIDR ranges that may connect; all when absent.")),
    use_x_forwarded_for: v.optional(
      flag("Take the client's address from the last entry of `X-Forwarded-For`. Only behind a proxy that sets it."),
      false,
    ),
    cors_allowed_origins: v.optional(
      list(
        text("An origin such as `https://app.example.com`, or `*`."),
        "Origins whose pages may call the proxy; none when absent.",
      ),
    ),
    background_health_checks: v.optional(
      flag("Check every deployment regularly; `/health` then answers with what was found."),
      false,
    ),
    health_check_interval: v.optional(number("Seconds between background checks.", { least: 1 }), 300),
    health_check_details: v.optional(flag("Show what is known of each deployment in `/health`."), true),
  },
  "Who may use the proxy, and how much.",
  [
    "completion_model",
    "database_url",
    "database_type",
    "database_args",
    "database_connection_pool_limit",
    "database_connection_timeout",
    "database_connect_timeout",
    "database_socket_timeout",
    "allow_requests_on_db_unavailable",
    "store_model_in_db",
    "store_prompts_in_spend_logs",
    "supported_db_objects",
    "disable_spend_logs",
    "disable_spend_updates",
    "disable_master_key_return",
    "disable_reset_budget",
    "disable_adding_master_key_hash_to_db",
    "disable_retry_on_max_parallel_request_limit_error",
    "disable_responses_id_security",
    "disable_error_logs",
    "maximum_spend_logs_retention_period",
    "maximum_spend_logs_retention_interval",
    "proxy_batch_write_at",
    "proxy_budget_rescheduler_min_time",
    "proxy_budget_rescheduler_max_time",
    "proxy_config_reload_interval_seconds",
    "allow_client_side_credentials",
    "allow_user_auth",
    "custom_auth",
    "custom_key_generate",
    "custom_sso",
    "enable_jwt_auth",
    "litellm_jwtauth",
    "enable_oauth2_auth",
    "enable_oauth2_proxy_auth",
    "oauth2_config_mappings",
    "enforce_user_param",
    "enforced_params",
    "allowed_routes",
    "admin_only_routes",
    "public_routes",
    "role_permissions",
    "key_management_system",
    "key_management_settings",
    "use_google_kms",
    "use_azure_key_vault",
    "use_redis_transaction_buffer",
    "coordination_redis",
    "alerting",
    "alerting_args",
    "alerting_threshold",
    "alert_types",
    "alert_to_webhook_url",
    "spend_report_frequency",
    "pass_through_endpoints",
    "pass_through_request_timeout",
    "use_client_credentials_pass_through_routes",
    "forward_client_headers_to_llm_api",
    "forward_openai_org_id",
    "infer_model_from_keys",
    "otel",
    "ui_access_mode",
    "user_header_name",
    "user_header_mappings",
    "user_api_key_cache_ttl",
    "user_mcp_management_mode",
    "reject_clientside_metadata_tags",
    "enable_public_model_hub",
    "use_shared_health_check",
    "health_check_concurrency",
    "health_check_skip_disabled_background_models",
    "background_health_check_model_groups",
    "max_batch_file_size_mb",
    "cancel_on_disconnect",
    "identify_user_by_header",
    "plugins",
  ],
);
