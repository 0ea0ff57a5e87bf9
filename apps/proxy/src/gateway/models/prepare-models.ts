import {
  type Combination,
  type DheeraError,
  type ModelEntry,
  type ModelParams,
  type Provider,
  type RouterSettings,
  combinationOf,
  connectCombined,
  createDheera,
  deploymentParams,
  isDheeraError,
  isWildcard,
} from "@dheera-ai/core";
import { defaultProvider } from "dheera-ai";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError, type ConfigProblem } from "../../config/config-error.ts";
import { nearMiss, nearest } from "../../config/check/nearest.ts";
import {
  findLeftOut,
  prefixOf,
  whyNotForReranking,
  withoutForeignPrefix,
} from "../../config/check/not-for-reranking.ts";
import { isOfLitellm } from "../../config/read/litellm-providers.ts";
import type { ConfiguredModel } from "../../config/config.ts";
import { asUnavailable, unavailableProvider } from "./unavailable.ts";

export interface PreparedModels {
  /** The entries as core takes them. */
  readonly entries: readonly ModelEntry[];
  /** The same entries as the configuration has them, in the same order. */
  readonly served: readonly ConfiguredModel[];
  /** Model names without any deployment, and why: a LiteLLM configuration also has chat models. */
  readonly unserved: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/** What entries may need beside their provider. */
export interface Surroundings {
  /** What to say where a deployment needs a package that is not installed. */
  readonly lackingOf?: (params: ModelParams) => string | undefined;
  /** Plug-ins of models that ask others. */
  readonly combinations?: readonly Combination[];
  /** Whose aliases such models may name. */
  readonly router?: RouterSettings;
}

/**
 * Sorts the entries of `model_list` into those that serve, those that cannot serve now, and those of unknown providers.
 * @throws ConfigError naming every entry whose parameters its provider refuses, and every model that asks others in vain
 */
export function prepareModels(
  models: readonly ConfiguredModel[],
  providers: readonly Provider[],
  place: LocateProblem,
  { lackingOf = () => undefined, combinations = [], router = {} }: Surroundings = {},
): PreparedModels {
  const entries: ModelEntry[] = [];
  const served: ConfiguredModel[] = [];
  const unserved = new Map<string, string>();
  const warnings: string[] = [];
  const problems: ConfigProblem[] = [];
  const ids = new Set<string>();
  /** Refused for what they say themselves: who asks them does not do so in vain. */
  const refused: ModelEntry[] = [];
  const { hasEntry: wasSilent } = findLeftOut([]);

  const warn = (position: number, { model_name }: ModelEntry, message: string): void => {
    const { file, line } = place(position, message);
    warnings.push(`${file}:${line} ${model_name} ${message}`);
  };
  const serve = (model: ConfiguredModel, entry: ModelEntry): void => {
    served.push(model);
    entries.push(entry);
  };
  const cannotServe = (position: number, model: ConfiguredModel, entry: ModelEntry, reason: string): void => {
    serve({ ...model, unavailable: reason }, asUnavailable(entry, reason));
    warn(position, entry, `cannot serve: ${reason}`);
  };

  for (const [position, model] of models.entries()) {
    const { unavailable, tls: _tls, isAdded: _isAdded, obeysEgress: _obeysEgress, ...written } = model;
    const id = written.model_info?.id;
    if (id !== undefined && ids.has(id))
      problems.push(place(position, `model_info.id ${id} stands at another entry already`));
    if (id !== undefined) ids.add(id);

    const combination = combinationOf(written, combinations);
    if (combination && unavailable === undefined) {
      problems.push(...misspeltKeys(written, combination).map((mistake) => place(position, mistake)));
      serve(model, written);
      continue;
    }

    const misspelt = misspeltProvider(written, [...providers, ...combinations]);
    const notServed = combination ? undefined : whyNotServed(model, providers);
    const entry = atServerOfItsOwn(written, providers);
    const lacking = lackingOf(entry.dheera_ai_params);
    if (misspelt !== undefined) {
      problems.push(place(position, misspelt));
      refused.push(entry);
    } else if (notServed !== undefined) {
      unserved.set(entry.model_name, `the model ${entry.model_name} cannot rerank here: ${notServed}`);
      warn(position, entry, `is not served: ${notServed}`);
    } else if (unavailable !== undefined) {
      serve(model, asUnavailable(entry, unavailable));
      // It was taken for one that is left out, until it was known that there is a provider with its prefix.
      if (wasSilent(written)) warn(position, written, `cannot serve: ${unavailable}`);
    } else if (lacking !== undefined) cannotServe(position, model, entry, lacking);
    else {
      const refusal = refusalOf(entry, providers);
      const { mistakes, doubts } = unknownOptions(entry, providers);
      problems.push(...mistakes.map((mistake) => place(position, mistake)));
      for (const doubt of doubts) warn(position, entry, doubt);
      if (refusal === undefined) serve(model, entry);
      else if (refusal.param === "api_base" && entry.dheera_ai_params.api_base === undefined) {
        // The operator may still set the address in the environment, so this is treated like a variable that is not set.
        cannotServe(position, model, entry, refusal.message);
      } else {
        problems.push(place(position, refusal.message));
        refused.push(entry);
      }
    }
  }
  const { problems: inVain } = connectCombined({
    model_list: [...entries, ...refused],
    combinations,
    router_settings: router,
  });
  for (const { entry, error } of inVain)
    problems.push(place(models.indexOf(served[entries.indexOf(entry)] ?? entry), error.message));
  if (problems.length > 0) throw new ConfigError(problems);
  if (entries.length === 0)
    warnings.push(`NOTHING IS SERVED: no entry of model_list (there are ${models.length}) can rerank here`);
  for (const { model_name } of entries) unserved.delete(model_name);
  return { entries, served, unserved, warnings };
}

/**
 * Why an entry is not served: it is not for reranking, or its provider is unknown. Undefined for an entry that is
 * served.
 */
function whyNotServed(
  { dheera_ai_params: { model, api_base }, model_info, unavailable }: ConfiguredModel,
  providers: readonly Provider[],
): string | undefined {
  const isProvider = (prefix: string): boolean => providers.some((provider) => provider.name === prefix);
  const hasBase = api_base !== undefined || unavailable !== undefined;
  const reason = whyNotForReranking({ model, hasBase, mode: model_info?.["mode"] }, isProvider);
  if (reason !== undefined || api_base !== undefined) return reason;
  const name = prefixOf(model);
  if (namesAnyProvider(model) || (name !== undefined && isProvider(name))) return undefined;
  const known = providers.filter((provider) => provider !== unavailableProvider).map((provider) => provider.name);
  return `${name === undefined ? `${model} names no provider` : `there is no provider ${name}`} (there are ${known.join(", ")}), and without an api_base there is no server to ask`;
}

/** `*`: callers name the provider, with the model. */
function namesAnyProvider(model: string): boolean {
  return isWildcard(prefixOf(model) ?? model);
}

/**
 * A prefix that is nearly a provider's name. With an `api_base` it would otherwise be sent to that server as part of the
 * model's name, in another protocol than was meant.
 */
function misspeltProvider(
  { dheera_ai_params: { model } }: ModelEntry,
  providers: readonly Pick<Provider, "name">[],
): string | undefined {
  const name = prefixOf(model);
  const known = providers.filter((provider) => provider !== unavailableProvider).map((provider) => provider.name);
  const meant = name === undefined || known.includes(name) || isOfLitellm(name) ? undefined : nearMiss(name, known);
  return meant === undefined ? undefined : `there is no provider ${name}; did you mean ${meant}/…?`;
}

/**
 * A model of LiteLLM whose prefix says only that its server has an API like OpenAI's is a model of the default provider:
 * its server gets the name without the prefix.
 */
function atServerOfItsOwn(entry: ModelEntry, providers: readonly Provider[]): ModelEntry {
  const { model, api_base } = entry.dheera_ai_params;
  const name = withoutForeignPrefix(model);
  const isProvider = providers.some((provider) => provider.name === prefixOf(model));
  if (name === undefined || isProvider || api_base === undefined) return entry;
  return { ...entry, dheera_ai_params: { ...entry.dheera_ai_params, model: `${defaultProvider}/${name}` } };
}

/** Parameters that neither core nor the provider reads, where the provider says which it does. */
function unknownOptions(
  { dheera_ai_params: params }: ModelEntry,
  providers: readonly Provider[],
): { readonly mistakes: readonly string[]; readonly doubts: readonly string[] } {
  const provider = providerOf(params, providers);
  const names = provider?.optionNames;
  if (provider === undefined || names === undefined) return { mistakes: [], doubts: [] };
  const unknown = Object.keys(params).filter((key) => !Object.hasOwn(deploymentParams, key) && !names.includes(key));
  return {
    mistakes: unknown
      .filter((key) => nearMiss(key, names) !== undefined)
      .map((key) => `unknown parameter ${key}; did you mean ${nearMiss(key, names)}?`),
    doubts: unknown
      .filter((key) => nearMiss(key, names) === undefined)
      .map((key) => {
        const meant = nearest(key, names);
        const question = meant === undefined ? "" : `; did you mean ${meant}?`;
        return `has the parameter ${key}, which the provider ${provider.name} does not read${question}`;
      }),
  };
}

/** Keys that are nearly one of those that the combination reads; core refuses all others, saying which there are. */
function misspeltKeys({ dheera_ai_params: params }: ModelEntry, { optionNames }: Combination): readonly string[] {
  return Object.keys(params).flatMap((key) => {
    if (Object.hasOwn(deploymentParams, key) || optionNames.includes(key)) return [];
    const meant = nearMiss(key, optionNames);
    return meant === undefined ? [] : `unknown parameter ${key}; did you mean ${meant}?`;
  });
}

/** As core chooses it. */
function providerOf({ model }: ModelEntry["dheera_ai_params"], providers: readonly Provider[]): Provider | undefined {
  if (namesAnyProvider(model)) return undefined;
  const named = providers.findLast(({ name }) => name === prefixOf(model));
  return named ?? providers.findLast(({ name }) => name === defaultProvider);
}

/** Why the provider refuses the parameters; undefined where it does not. Connecting opens no connection. */
function refusalOf(entry: ModelEntry, providers: readonly Provider[]): DheeraError | undefined {
  try {
    const connected = createDheera({ providers, defaultProvider, model_list: [entry] });
    // What it has connected to is not used.
    void connected.close().catch(() => {});
    return undefined;
  } catch (error) {
    if (isDheeraError(error)) return error;
    throw error;
  }
}
