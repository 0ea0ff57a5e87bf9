import { type ModelEntry, type ParamSpec, combinationOf, deploymentParams } from "@dheera-ai/core";
import { combinations } from "dheera-ai";
import * as v from "valibot";

import type { TlsSettings } from "../config.ts";
import type { Environment } from "../read/resolve-references.ts";
import type { Credential } from "../schema/credential.ts";
import type { GlobalParams } from "../schema/global-params.ts";
import { tlsEntries } from "../schema/tls-settings.ts";
import { withGlobalParams } from "./global-params.ts";
import { nearest } from "./nearest.ts";
import { withProvider } from "./not-for-reranking.ts";

/** What a configuration says of all its deployments. */
export interface CommonParams {
  readonly credentials: readonly (Credential & { readonly unusable?: string | undefined })[];
  /** `router_settings.default_dheera_ai_params` */
  readonly defaults: Partial<Params>;
  /** Whether every model is reached through a LiteLLM proxy. */
  readonly useLitellmProxy: boolean;
  /** `dheera_ai_settings`, whose address, keys and headers count after all others. */
  readonly globals: GlobalParams;
  readonly environment: Environment;
}

export interface CompletedEntry {
  readonly entry: ModelEntry & { readonly tls?: TlsSettings };
  /** Why it cannot serve: its credential says nothing that could be used. */
  readonly unavailable?: string;
}

/**
 * The entry with the parameters that its credential and the defaults give it: its own win, then those of the
 * credential, then the defaults, then what the settings say of all deployments. A deployment whose credential cannot be used does not serve, because without it the documents would go
 * elsewhere, or with another key.
 */
export function completeEntry(
  entry: ModelEntry,
  { credentials, defaults, useLitellmProxy, globals, environment }: CommonParams,
): CompletedEntry {
  // It has no server: what is said of all servers is said of those of the models that it asks.
  if (combinationOf(entry, combinations)) return { entry: withCombinedDefaults(entry, defaults) };
  const own = withDefaults(entry.dheera_ai_params, defaults);
  const { dheera_ai_credential_name: name, use_litellm_proxy: useProxy = useLitellmProxy, ...params } = own;
  const complete = (values: Readonly<Record<string, unknown>>): CompletedEntry => {
    const { ssl_verify, ssl_certificate, ssl_key, custom_llm_provider, ...others } = { ...values, ...params };
    const { input_cost_per_query, input_cost_per_token, output_cost_per_token, ...all } = others;
    const prices = presentOf({ input_cost_per_query, input_cost_per_token, output_cost_per_token });
    const tls = v.parse(tlsSettings, { ssl_verify, ssl_certificate, ssl_key });
    const model = useProxy === true ? throughProxy(params.model) : withProvider(params.model, custom_llm_provider);
    return {
      entry: {
        ...entry,
        ...(Object.values(tls).some((value) => value !== undefined) && { tls }),
        // LiteLLM reads prices in both places.
        ...(prices && { model_info: { ...prices, ...entry.model_info } }),
        dheera_ai_params: withGlobalParams({ ...all, model }, globals, environment),
      },
    };
  };
  if (name === undefined) return complete({});

  const credential = credentials.find(({ credential_name }) => credential_name === name);
  if (!credential) return { ...complete({}), unavailable: unknownCredential(String(name), credentials) };
  const { credential_values: values, unusable } = credential;
  if (unusable !== undefined) return { ...complete({}), unavailable: `its credential ${String(name)}: ${unusable}` };
  if (isForElsewhere(values, params))
    return {
      ...complete({}),
      unavailable: `its api_base is not the one that the key of its credential ${String(name)} is for; leave one of them out`,
    };
  return complete(values);
}

function withCombinedDefaults(entry: ModelEntry, defaults: Partial<Params>): ModelEntry {
  const meant = Object.entries<ParamSpec>(deploymentParams).flatMap(([name, { isOfCombined }]) =>
    isOfCombined && defaults[name] !== undefined ? [[name, defaults[name]]] : [],
  );
  return { ...entry, dheera_ai_params: { ...Object.fromEntries(meant), ...entry.dheera_ai_params } };
}

/** Those that are there; undefined where none is. */
function presentOf(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const there = Object.entries(values).filter(([, value]) => value !== undefined);
  return there.length === 0 ? undefined : Object.fromEntries(there);
}

const tlsSettings = v.object(tlsEntries);

type Params = ModelEntry["dheera_ai_params"];

function withDefaults(params: Params, defaults: Partial<Params>): Params {
  const { api_key: key, ...others } = defaults;
  const hasKey = key !== undefined && !isForElsewhere(defaults, params);
  return { ...others, ...(hasKey && { api_key: key }), ...params };
}

/** Whether these values have a key for an address that is not the deployment's own. */
function isForElsewhere(values: Readonly<Record<string, unknown>>, { api_base, api_key }: Params): boolean {
  return (
    values["api_key"] !== undefined &&
    api_key === undefined &&
    values["api_base"] !== undefined &&
    api_base !== undefined &&
    values["api_base"] !== api_base
  );
}

function throughProxy(model: string): string {
  return model.startsWith("litellm_proxy/") ? model : `litellm_proxy/${model}`;
}

function unknownCredential(name: string, credentials: CommonParams["credentials"]): string {
  const known = credentials.map(({ credential_name }) => credential_name);
  const meant = nearest(name, known);
  return `its credential ${name} is not in credential_list${meant === undefined ? "" : ` (did you mean ${meant}?)`}`;
}
