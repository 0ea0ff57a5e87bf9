import type { ModelParams, Provider } from "@dheera-ai/core";
import { providerOfRow } from "@dheera-ai/providers";
import { loadOptionalProviders, needsPackage, officialProviders } from "dheera-ai";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { findLeftOut, prefixOf } from "../../config/check/not-for-reranking.ts";
import type { Config } from "../../config/config.ts";
import type { Environment } from "../../config/read/resolve-references.ts";
import { type Share, shareProvider } from "../share-limits.ts";
import { loadPlugins } from "./load-plugins.ts";
import { unavailableProvider } from "./unavailable.ts";

export interface ProviderOptions {
  /** With the variables of the configuration. */
  readonly environment: Environment;
  /** Folder from which plug-ins and packages are resolved; the working directory when absent. */
  readonly directory?: string;
  readonly share?: Share;
  /** Providers beside the official ones and the plug-ins. */
  readonly providers?: readonly Provider[];
  readonly locatePluginProblem: LocateProblem;
}

export interface GatheredProviders {
  readonly providers: readonly Provider[];
  /** What to say where a deployment needs a package that is not installed. */
  readonly lackingOf: (params: ModelParams) => string | undefined;
}

/**
 * Of providers with the same name the last one counts: a plug-in may replace an official one. Rows of the configuration
 * have names of their own. Optional packages are loaded for entries that need them, so that parameters are checked now.
 */
export async function gatherProviders(
  config: Config,
  { environment, directory = ".", share, providers: given = [], locatePluginProblem }: ProviderOptions,
): Promise<GatheredProviders> {
  const plugins = await loadPlugins(config.plugins, directory, environment, locatePluginProblem);
  const rows = Object.entries(config.providers).map(([name, row]) => providerOfRow({ ...row, name }, { environment }));
  const own = [...rows, ...given, ...plugins];
  const packageOf = (params: ModelParams): string | undefined => {
    const prefix = prefixOf(params.model);
    const isOwn = own.some(({ name }) => name === prefix);
    return prefix !== undefined && !isOwn && needsPackage(prefix, params, environment) ? prefix : undefined;
  };
  const leftOut = findLeftOut([{ plugins: config.plugins }]);
  const wanted = config.model_list.flatMap((entry) =>
    // A chat model of Bedrock is no reason to load Amazon's libraries.
    leftOut.hasEntry(entry) ? [] : (packageOf(entry.dheera_ai_params) ?? []),
  );
  const { providers: optional, missing } = await loadOptionalProviders(wanted, { environment, directory });
  const providers = [...officialProviders({ environment, directory }), ...optional, ...own, unavailableProvider];
  return {
    providers: share ? providers.map((provider) => shareProvider(provider, share)) : providers,
    lackingOf: (params) => missing.get(packageOf(params) ?? ""),
  };
}
