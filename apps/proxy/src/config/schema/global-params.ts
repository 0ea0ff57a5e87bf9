import * as v from "valibot";

import { named, text } from "./kinds.ts";

/** What `litellm_settings` say of deployments that say nothing themselves. */
export interface GlobalParams {
  readonly api_base?: string;
  readonly api_key?: string;
  readonly cohere_key?: string;
  readonly huggingface_key?: string;
  readonly infinity_key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const globalParamEntries = {
  api_base: v.optional(
    text(
      "URL of the server for `cohere/…`, `huggingface/…`, `infinity/…`, `litellm_proxy/…`, `dheera_ai/…`, `jina_ai/…`, `azure_ai/…` and `together_ai/…` without an `api_base`. It wins over `COHERE_API_BASE` and `INFINITY_API_BASE`; the variables of the others win over it.",
    ),
  ),
  api_key: v.optional(
    text(
      "Key for `cohere/…`, `litellm_proxy/…`, `dheera_ai/…` and `together_ai/…` without an `api_key`; beside `api_base` it goes to that server alone.",
    ),
  ),
  cohere_key: v.optional(
    text("Key for `cohere/…` where neither the deployment, the environment nor `api_key` has one."),
  ),
  huggingface_key: v.optional(text("Key for `huggingface/…` without an `api_key`.")),
  infinity_key: v.optional(text("Key for `infinity/…` where neither the deployment nor the environment has one.")),
  headers: v.optional(
    named(text("The header's value."), "Headers for every server, as `extra_headers`, which win header by header."),
  ),
} satisfies v.ObjectEntries;

/** Settings that LiteLLM has for providers that are not served here, and for other kinds of models. */
export const globalsWithoutEffect: readonly string[] = [
  "api_version",
  "organization",
  "openai_key",
  "azure_key",
  "xai_key",
  "anthropic_key",
  "groq_key",
  "togetherai_api_key",
  "model_alias_map",
];
