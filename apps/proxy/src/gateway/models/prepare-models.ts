import { type ModelEntry, type Provider, createDheera, isDheeraError } from "@dheera-ai/core";
import { defaultProvider } from "dheera-ai";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError, type ConfigProblem } from "../../config/config-error.ts";
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

/**
 * Sorts the entries of `model_list` into those that serve, those that cannot serve now, and those of unknown providers.
 * @throws ConfigError naming every entry whose parameters its provider refuses
 */
export function prepareModels(
  models: readonly ConfiguredModel[],
  providers: readonly Provider[],
  place: LocateProblem,
): PreparedModels {
  const entries: ModelEntry[] = [];
  const served: ConfiguredModel[] = [];
  const unserved = new Map<string, string>();
  const warnings: string[] = [];
  const problems: ConfigProblem[] = [];
  const ids = new Set<string>();

  const serve = (model: ConfiguredModel, entry: ModelEntry): void => {
    served.push(model);
    entries.push(entry);
  };

  for (const [position, model] of models.entries()) {
    const { unavailable, ...entry } = model;
    const id = entry.model_info?.id;
    if (id !== undefined && ids.has(id))
      problems.push(place(position, `model_info.id ${id} stands at another entry already`));
    if (id !== undefined) ids.add(id);

    const notServed = whyNotServed(entry, providers);
    if (notServed !== undefined) {
      unserved.set(entry.model_name, `the model ${entry.model_name} cannot rerank here: ${notServed}`);
      const { file, line } = place(position, notServed);
      warnings.push(`${file}:${line} ${entry.model_name} is not served: ${notServed}`);
    } else if (unavailable !== undefined) serve(model, asUnavailable(entry, unavailable));
    else {
      const refusal = refusalOf(entry, providers);
      if (refusal === undefined) serve(model, entry);
      else problems.push(place(position, refusal));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const { model_name } of entries) unserved.delete(model_name);
  return { entries, served, unserved, warnings };
}

/**
 * Why an entry is not served: it is not for reranking, or its provider is unknown. Undefined for an entry that is
 * served.
 */
function whyNotServed(
  { dheera_ai_params: { model, api_base }, model_info }: ModelEntry,
  providers: readonly Provider[],
): string | undefined {
  const mode = model_info?.["mode"];
  if (typeof mode === "string" && mode !== "rerank") return `its mode is ${mode}`;
  if (api_base !== undefined) return undefined;
  const name = model.includes("/") ? model.slice(0, model.indexOf("/")) : undefined;
  if (providers.some((provider) => provider.name === name)) return undefined;
  const known = providers.filter((provider) => provider !== unavailableProvider).map((provider) => provider.name);
  return `${name === undefined ? `${model} names no provider` : `there is no provider ${name}`} (there are ${known.join(", ")}), and without an api_base there is no server to ask`;
}

/** Why the provider refuses the parameters; undefined where it does not. Connecting opens no connection. */
function refusalOf(entry: ModelEntry, providers: readonly Provider[]): string | undefined {
  try {
    createDheera({ providers, defaultProvider, model_list: [entry] });
    return undefined;
  } catch (error) {
    if (isDheeraError(error)) return error.message;
    throw error;
  }
}
