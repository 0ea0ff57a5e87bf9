import { type ModelEntry, type Provider, createDheera, isDheeraError } from "@dheera-ai/core";

import type { PlaceProblem } from "../config/check-config.ts";
import { ConfigError, type ConfigProblem } from "../config/config-error.ts";
import type { ConfiguredModel } from "../config/config.ts";
import { defaultProvider } from "./official-providers.ts";
import { asUnavailable } from "./unavailable.ts";

export interface PreparedModels {
  /** Fit for core. */
  readonly entries: readonly ModelEntry[];
  /** The same as the configuration has them, in the same order. */
  readonly served: readonly ConfiguredModel[];
  /** Model names without any deployment, and why: a LiteLLM configuration also names chat models. */
  readonly unserved: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/**
 * Sorts the entries of `model_list`: those that serve, those that cannot serve now, and those of providers that are not there.
 * @throws ConfigError naming every entry whose parameters its provider refuses
 */
export function prepareModels(models: readonly ConfiguredModel[], providers: readonly Provider[], place: PlaceProblem): PreparedModels {
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
    if (id !== undefined && ids.has(id)) problems.push(place(position, `model_info.id ${id} stands at another entry already`));
    if (id !== undefined) ids.add(id);

    const unknown = unknownProviderOf(entry, providers);
    if (unavailable !== undefined) serve(model, asUnavailable(entry, unavailable));
    else if (unknown !== undefined) {
      unserved.set(entry.model_name, `the model ${entry.model_name} is configured with ${unknown}, which this proxy does not have`);
      const { file, line } = place(position, "");
      warnings.push(
        `${file}:${line} ${entry.model_name} is not served: there is no ${unknown}; known are ${providers.map(({ name }) => name).join(", ")}`,
      );
    } else {
      const refusal = refusalOf(entry, providers);
      if (refusal === undefined) serve(model, entry);
      else problems.push(place(position, refusal));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const { model_name } of entries) unserved.delete(model_name);
  return { entries, served, unserved, warnings };
}

function unknownProviderOf({ dheera_ai_params: { model, api_base } }: ModelEntry, providers: readonly Provider[]): string | undefined {
  const slash = model.indexOf("/");
  if (slash === -1) return api_base === undefined ? "no provider" : undefined;
  const name = model.slice(0, slash);
  return api_base === undefined && !providers.some((provider) => provider.name === name) ? `the provider ${name}` : undefined;
}

/** What the provider has against the parameters; connecting opens nothing. */
function refusalOf(entry: ModelEntry, providers: readonly Provider[]): string | undefined {
  try {
    createDheera({ providers, defaultProvider, model_list: [entry] });
    return undefined;
  } catch (error) {
    if (isDheeraError(error)) return error.message;
    throw error;
  }
}
