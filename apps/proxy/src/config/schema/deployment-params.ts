import {
  type Calibration,
  type DeploymentParams,
  type DiversifyOptions,
  type ModelParams,
  type ShadowParams,
  type ParamSpec,
  deploymentParams,
} from "@dheera-ai/core";
import { combinations } from "dheera-ai";
import * as v from "valibot";

import { calibration } from "./rankings/calibration.ts";
import { diversify } from "./rankings/diversify.ts";
import { priceEntries } from "./prices.ts";
import { shadow } from "./rankings/shadow.ts";
import { tlsEntries } from "./tls-settings.ts";
import { type Kind, anything, choice, flag, keys, named, number, text, whole } from "./kinds.ts";

/**
 * What the documentation says of each parameter. One that core does not read does not compile, nor does a missing one.
 */
const meanings: ParamMeanings = {
  model: "Provider and model: `<provider>/<model>`, such as `huggingface/BAAI/bge-reranker-base`.",
  api_base: "URL of the server, where it is not the provider's own.",
  api_key: "Key for this server; usually `os.environ/NAME`.",
  timeout: "Seconds for one call to this server.",
  weight: "Share of the traffic under `simple-shuffle`; default 1.",
  order: "Priority tier: lower is used first. Default 0.",
  rpm: "Calls a minute that this server gets, from all processes that share a Redis together; a call of a chat model (`llm/`) is as many requests as it has prompts.",
  max_parallel_requests:
    "Calls to this server at one time; requests of a chat model (`llm/`) are bounded by its own `max_parallel`.",
  max_retries: "Retries of one batch; wins over `num_retries`.",
  max_documents_per_call: "Documents of one call; wins over what the server says.",
  max_bytes_per_call: "Bytes of one call; wins over what the server says.",
  max_tokens_per_document: "Tokens of query and document together; wins over what the server says.",
  max_tokens_per_call:
    "Tokens of all documents of one call, and of the query once for each of them; wins over what the provider says.",
  max_documents_in_flight: "Documents at this server at one time; wins over what the server says.",
  normalize: "`sigmoid` maps logits to 0..1; scores of other kinds stay as they are.",
  calibration:
    "What makes scores probabilities, learned from labels by `dheera_ai calibrate`: the path of its file, relative to this file, or what is in it. `min_score` is then a probability.",
  diversify:
    "Put documents that say the same as one before them further back, among the best 1,000; a request's own `diversify` wins, `null` is none.",
  shadow:
    "A second model that a part of the requests goes to as well, after they were answered, to compare the two: in the metrics and at `/shadow/info`.",
  long_documents:
    "What happens to documents longer than the model reads: cut, or scored in chunks of which the best counts.",
  on_document_error: "What one refused document does: fail the request, or rank last with a warning.",
  on_error: "When nothing can rank: an error, or the input order with `meta.reranked: false`.",
  hedge: "Send a straggling batch a second time to another replica. Default false.",
  extra_headers: "Headers sent to the server with each call.",
  provider_options: "Options for the provider with each call; those of a request win key by key.",
};

export type ParamMeanings = Readonly<Record<keyof DeploymentParams, string>>;

/** LiteLLM's parameters without effect here. */
const withoutEffect = namesWithoutEffect([
  "tpm",
  "rpd",
  "weights",
  "tags",
  "drop_params",
  "configurable_clientside_auth_params",
  "use_in_pass_through",
  "merge_reasoning_content_in_choices",
  "stream_timeout",
  "max_budget",
  "budget_duration",
  "mock_response",
  "cache_control_injection_points",
  "additional_drop_params",
  "allowed_openai_params",
  "max_tokens",
  "stream",
]);

/** Names of parameters that are ignored. One that core reads does not compile. */
export function namesWithoutEffect<const Name extends string>(
  names: readonly Name[] & (Extract<Name, keyof DeploymentParams> extends never ? unknown : never),
): readonly string[] {
  return names;
}

/** The values of each kind of parameter. */
interface Values {
  readonly text: string;
  readonly number: number;
  readonly count: number;
  readonly flag: boolean;
  readonly headers: Record<string, string>;
  readonly record: Record<string, unknown>;
  readonly calibration: Calibration;
  readonly shadow: ShadowParams;
  readonly diversify: DiversifyOptions;
}

const schemas: { readonly [Name in keyof Values]: (meaning: string, spec: ParamSpec) => Kind<Values[Name]> } = {
  text: (meaning) => text(meaning),
  number: (meaning, { least = 0 }) => number(meaning, { least }),
  count: (meaning, { least = 1 }) => whole(meaning, { least }),
  flag: (meaning) => flag(meaning),
  headers: (meaning) => named(text("The header's value."), meaning),
  record: (meaning) => named(anything("Any value."), meaning),
  calibration,
  shadow,
  diversify,
};

function schemaOf(spec: ParamSpec, meaning: string): Kind<unknown> {
  const { kind } = spec;
  return typeof kind === "string" ? schemas[kind](meaning, spec) : choice(kind, meaning);
}

const entries = Object.fromEntries(
  Object.entries<ParamSpec>(deploymentParams).flatMap(([name, spec]) => {
    if (!isParam(name)) return [];
    const schema = schemaOf(spec, meanings[name]);
    return [[name, name === "model" ? schema : v.optional(schema)]];
  }),
);

function isParam(name: string): name is keyof DeploymentParams {
  return Object.hasOwn(deploymentParams, name);
}

/** Parameters that the proxy reads before core sees the others. */
const ownEntries = {
  dheera_ai_credential_name: v.optional(
    text("A name of `credential_list`: its address and key, where the deployment has none of its own."),
  ),
  custom_llm_provider: v.optional(
    text("The provider, where `model` does not begin with it: `model: x` and `cohere` are `cohere/x`."),
  ),
  ...tlsEntries,
  ...priceEntries,
  use_litellm_proxy: v.optional(
    flag("Reach the model through the LiteLLM proxy of `LITELLM_PROXY_API_BASE`, as `litellm_proxy/<model>` does."),
  ),
};

/**
 * The keys of models that ask others: `stages`, `models`, `k`. They are checked where those models are; so is a provider's
 * parameter that is nearly one of core's.
 */
const ofOthers = combinations.flatMap(({ optionNames }) => optionNames).concat("mode");

/** `dheera_ai_params`: core's table of parameters with their meanings, and further keys, which the provider reads. */
export const modelParams: Kind<ModelParams> = v.pipe(
  v.looseObject({ ...entries, ...ownEntries }, "must be a map of settings"),
  v.guard(haveKnownTypes),
  v.description("How to reach one deployment and how to treat it. Keys not listed here are handed to the provider."),
  keys("provider", withoutEffect, ofOthers),
);

/**
 * The type of the values that the schemas of core's table let through. A kind that disagrees with `DeploymentParams`
 * does not compile above.
 */
type KnownTypes = {
  readonly [Name in keyof DeploymentParams]: ValueOf<(typeof deploymentParams)[Name]["kind"]>;
};
type ValueOf<Spec extends ParamSpec["kind"]> = Spec extends keyof Values
  ? Values[Spec]
  : Spec extends readonly (infer Word)[]
    ? Word
    : never;

/** The schemas have checked every value, so nothing is left to check but that the required parameter is there. */
function haveKnownTypes(params: Record<string, unknown>): params is KnownTypes & Record<string, unknown> {
  return params["model"] !== undefined;
}

/** `router_settings.default_dheera_ai_params`. */
export interface DefaultParams {
  readonly default_dheera_ai_params?: Partial<ModelParams>;
}

const { model: _model, ...optionalEntries } = entries;

export const defaultParams: Kind<Partial<ModelParams>> = v.pipe(
  v.looseObject({ ...optionalEntries, ...ownEntries }, "must be a map of settings"),
  v.guard((_params: Record<string, unknown>): _params is Partial<KnownTypes> & Record<string, unknown> => true),
  v.description(
    "Parameters for every deployment that has none of its own by these names: any of `model_list[].dheera_ai_params` but `model`.",
  ),
  v.metadata({ isDescribedElsewhere: true }),
  keys("provider", withoutEffect, ofOthers),
);
