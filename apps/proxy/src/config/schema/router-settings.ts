import type { RouterSettings, RoutingStrategy } from "@dheera-ai/core";
import * as v from "valibot";

import type { RedisSettings } from "../config.ts";
import { type DefaultParams, defaultParams } from "./deployment-params.ts";
import { type Kind, flag, list, named, number, redisUrl, seconds, sharedSection, text, whole } from "./kinds.ts";

/** The model names that serve when every deployment of a model name failed: `[{ "model-a": ["model-b"] }]`. */
export const fallbacks: Kind<Record<string, string[]>[]> = list(
  named(list(text("A model name."), "Model names, tried in this order."), "Model name → its fallbacks."),
  "Who serves when every deployment of a model name failed: `[{ model-a: [model-b] }]`.",
);

export const defaultFallbacks: Kind<string[]> = list(
  text("A model name."),
  "Fallbacks of every model name without its own.",
);

const strategy: Kind<RoutingStrategy> = v.pipe(
  v.picklist(
    ["simple-shuffle", "least-busy", "latency-based-routing", "cost-based-routing"],
    "must be one of: simple-shuffle, least-busy, latency-based-routing, cost-based-routing",
  ),
  v.description(
    "How replicas of one model name share its traffic: by weight, by documents in flight, by latency, or the cheapest first that can serve the request. LiteLLM's other strategies mean `simple-shuffle`.",
  ),
);

/** LiteLLM also writes `{ model, hidden }`. */
const alias: Kind<string> = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === "object" && value !== null && "model" in value ? value.model : value)),
  v.string("must be a model name"),
  v.description("The model name that is meant."),
);

/** `router_settings`. */
export const routerSettings: Kind<RouterSettings & RedisSettings & DefaultParams> = sharedSection(
  {
    routing_strategy: v.optional(strategy),
    num_retries: v.optional(whole("Retries of one batch after its first failure; default 2.", { least: 0 })),
    retry_after: v.optional(number("Least seconds before a retry that has to wait; default 0.")),
    timeout: v.optional(seconds("Seconds for a whole request when it names none; default 600.")),
    allowed_fails: v.optional(
      whole("Failures within a minute that a deployment may have before it cools down; default 3.", { least: 0 }),
    ),
    cooldown_time: v.optional(number("Seconds a failing deployment is left alone; default 5.")),
    disable_cooldowns: v.optional(flag("Never leave a deployment alone.")),
    fallbacks: v.optional(fallbacks),
    default_fallbacks: v.optional(defaultFallbacks),
    max_fallbacks: v.optional(whole("Fallbacks tried for one request at most; default 5.", { least: 0 })),
    model_group_alias: v.optional(named(alias, "Other names for model names: `{ gpt-rerank: bge }`.")),
    default_dheera_ai_params: v.optional(defaultParams),
    max_queued_documents: v.optional(whole("Documents that may wait for one deployment; default 100,000.")),
    redis_url: v.optional(redisUrl("Redis that shares rate limits between processes: `redis://host:6379/0`.")),
    redis_host: v.optional(text("Host of the Redis that shares rate limits between processes.")),
    redis_port: v.optional(whole("Its port; default 6379.", { most: 65_535 })),
    redis_username: v.optional(text("User name for it.")),
    redis_password: v.optional(text("Password for it.")),
    redis_db: v.optional(whole("Number of its database; default 0.", { least: 0 })),
    shared_admission: v.optional(
      flag(
        "Share through that Redis what each process may have in flight at a deployment's server, and cooldowns; default true where there is a Redis.",
      ),
    ),
  },
  "How requests find a deployment and what happens when it fails; names and defaults follow LiteLLM.",
  [
    "routing_strategy_args",
    "retry_policy",
    "model_group_retry_policy",
    "allowed_fails_policy",
    "enable_pre_call_checks",
    "optional_pre_call_checks",
    "enable_tag_filtering",
    "tag_filtering_match_any",
    "default_max_parallel_requests",
    "caching_groups",
    "client_ttl",
    "cache_responses",
    "cache_kwargs",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "stream_timeout",
    "polling_interval",
    "default_priority",
    "debug_level",
    "set_verbose",
    "alerting_config",
    "provider_budget_config",
    "assistants_config",
    "router_general_settings",
    "ignore_invalid_deployments",
  ],
);
