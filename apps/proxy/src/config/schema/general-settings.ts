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
  seconds,
  section,
  sharedSection,
  text,
  whole,
  wholeOr,
} from "./kinds.ts";
import { repeatedNames } from "./repeated-names.ts";
import { enableJwtAuth, jwtSettings } from "./sign-in/jwt-settings.ts";
import { baseUrl, duration } from "./sign-in/session-settings.ts";
import { ssoSettings } from "./sign-in/sso-settings.ts";

const expiry: Kind<number> = v.pipe(
  v.string("must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z"),
  v.transform((date) => Date.parse(date)),
  v.finite("must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z"),
  v.description("Date from which the key lets no caller in: `2027-01-31`."),
);

function period(description: string): Kind<string> {
  return v.pipe(
    text(description),
    v.regex(/^[1-9]\d{0,5}(s|m|h|d|w|mo)$/, "must be a number and s, m, h, d, w or mo, such as 24h, 30d or 1mo"),
    v.description(`${description} A number and \`s\`, \`m\`, \`h\`, \`d\`, \`w\` or \`mo\`: \`30d\`.`),
  );
}

const databaseUrl: Kind<string> = v.pipe(
  text("`postgresql://user:password@host:5432/name`, or `sqlite:` and a file."),
  v.regex(
    /^(postgres(ql)?:\/\/.|sqlite:.)/,
    "must be postgresql://user:password@host:5432/name, or sqlite: and a file, such as sqlite:/var/lib/dheera-ai/teams.db",
  ),
  v.description(
    "Where teams, keys, budgets and spend are kept: `postgresql://user:password@host:5432/name`, or `sqlite:` and a file. Without it only the keys of this file are served.",
  ),
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
    (name) => name !== "master" && name !== "local" && name !== "shadow",
    "must not be master, local or shadow: requests without a key of their own are called so",
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
    tpm: v.optional(
      whole(
        "Tokens a minute, as upstreams count them. Until an answer says how many they were, an estimate counts; what no upstream counts is none.",
      ),
    ),
    max_parallel_requests: v.optional(whole("Requests at one time, in each process.")),
    max_documents: v.optional(whole("Documents of one request; chunks of long documents count as documents.")),
    priority: v.optional(
      wholeOr(
        "background",
        "Its share of a deployment that is busy is 1 / (1 + priority): beside a key with 0, the highest and the default, one with 1 gets half as many documents. `background`: it gets what no other key wants.",
      ),
    ),
    read_metrics: v.optional(
      flag("May read `/metrics`, which shows the names and the traffic of all keys and models."),
    ),
    expires: v.optional(expiry),
    max_budget: v.optional(number("US dollars that may be spent. Needs `database_url`.")),
    budget_duration: v.optional(period("The time after which the budget begins anew; once and for all when absent.")),
    team_id: v.optional(
      text("A team of the database, whose limits, models and budget hold too. Needs `database_url`."),
    ),
    user_id: v.optional(text("The same of a user; of a member of the team, where both are named.")),
    metadata: v.optional(named(anything("Any value."), "Anything you want to remember with the key.")),
  },
  "One key that callers may use, and what it allows.",
);

const keys: Kind<KeySettings[]> = v.pipe(
  list(key, "Further keys, each with its own permissions and limits."),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const position of repeatedNames(dataset.value)) {
      const value = dataset.value[position];
      addIssue({
        message: "its name stands at another key already",
        input: value,
        path: [{ type: "array", origin: "value", input: dataset.value, key: position, value }],
      });
    }
  }),
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
        "Answers also carry the headers that LiteLLM has: `x-litellm-call-id`, `-version`, `-model-id`, `-model-group`, `-response-cost`, `-response-duration-ms`, `-overhead-duration-ms`, `-attempted-retries`, `-attempted-fallbacks`, and of the key `-key-rpm-limit`, `-key-tpm-limit`, `-key-max-budget`, `-key-spend`. By default they do where a file of the configuration says `litellm_params` or another of LiteLLM's names.",
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
    allowed_private_networks: v.optional(
      list(
        address,
        "Private addresses, this machine's own, and CIDR ranges of them to which addresses may lead that people add over the API or on pages: `10.20.0.0/16`. None when absent. What the configuration files name may be anywhere.",
      ),
    ),
    store_model_in_db: v.optional(
      flag(
        "Deployments may be added over the API (`/model/new`) and are kept in the database. With `false` none is added, and those that the database has are not served.",
      ),
      true,
    ),
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
    proxy_base_url: v.optional(baseUrl),
    ui_session_duration: v.optional(
      duration("How long somebody stays signed in to the pages: `30m`, `8h`, `7d`."),
      "24h",
    ),
    sso: v.optional(ssoSettings),
    enable_jwt_auth: v.optional(enableJwtAuth, false),
    jwt_auth: v.optional(jwtSettings),
    background_health_checks: v.optional(
      flag("Check every deployment regularly; `/health` then answers with what was found."),
      false,
    ),
    health_check_interval: v.optional(number("Seconds between background checks.", { least: 1 }), 300),
    health_check_details: v.optional(flag("Show what is known of each deployment in `/health`."), true),
    database_url: v.optional(databaseUrl),
    database_connection_pool_limit: v.optional(
      whole("Connections to PostgreSQL of each process; reports and lists have two more."),
    ),
    database_connection_timeout: v.optional(seconds("Seconds to wait for a connection to the database.")),
    allow_requests_on_db_unavailable: v.optional(
      flag(
        "While the database cannot be reached, keys that are known go on. Unknown ones never do, which is stricter than LiteLLM.",
      ),
      true,
    ),
    db_unavailable_grace: v.optional(number("Seconds for which they do."), 3_600),
    spend_journal: v.optional(
      text("Folder for what could not be booked because the database was away; it is booked when it is back."),
    ),
    disable_spend_logs: v.optional(
      flag("Keep no row for each answer. Sums of each day and budgets are kept all the same."),
      false,
    ),
    maximum_spend_logs_retention_period: v.optional(
      period("The age at which rows of answers are deleted; never when absent."),
    ),
    maximum_audit_logs_retention_period: v.optional(
      period("The age at which rows of the audit log are deleted; never when absent."),
    ),
    maximum_webhook_logs_retention_period: v.optional(
      duration("For how long deliveries to webhooks are tried at most, and kept to look at: `7d`."),
      "7d",
    ),
    budget_warning_share: v.optional(
      number(
        "The share of a budget from which webhooks are told that it is nearly spent, where it has no `soft_budget`; 1: never.",
        { least: 0.01, most: 1 },
      ),
      0.85,
    ),
    key_expiring_days: v.optional(
      v.pipe(
        list(
          whole("Days.", { most: 365 }),
          "Days before a key expires at which webhooks are told so, once for each; 7 when absent.",
        ),
        v.maxLength(5, "must hold at most 5"),
      ),
      [7],
    ),
    alerting: v.optional(
      list(
        text("`slack` or `webhook`."),
        "Webhooks of the configuration: `slack` at `SLACK_WEBHOOK_URL` or `alert_to_webhook_url`, and `webhook` at `WEBHOOK_URL`, signed where `WEBHOOK_SECRET` is set. Needs `database_url`.",
      ),
    ),
    alert_to_webhook_url: v.optional(
      named(
        v.union([v.string(), v.array(v.string())], "must be an address, or a list of them"),
        "Addresses of Slack for `budget_alerts`, `cooldown_deployment`, `outage_alerts`, or for events by their own names, such as `key.expiring`.",
      ),
    ),
    alert_types: v.optional(
      list(text("A kind of alert."), "Kinds of alerts that these are told, under the same names; all when absent."),
    ),
    unknown_request_cost: v.optional(
      number(
        "US dollars that a request takes from budgets while nobody knows what it costs: its provider names no cost, and no price is known.",
      ),
      0.01,
    ),
  },
  "Who may use the proxy, and how much.",
  [
    "completion_model",
    "database_type",
    "database_args",
    "database_connect_timeout",
    "database_socket_timeout",
    "store_prompts_in_spend_logs",
    "supported_db_objects",
    "disable_spend_updates",
    "disable_master_key_return",
    "disable_reset_budget",
    "disable_adding_master_key_hash_to_db",
    "disable_retry_on_max_parallel_request_limit_error",
    "disable_responses_id_security",
    "disable_error_logs",
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
    "alerting_args",
    "alerting_threshold",
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
