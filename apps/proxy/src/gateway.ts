import { type Dheera, type Provider, type Transport, createDheera } from "@dheera-ai/core";

import { type Access, createAccess } from "./access/access.ts";
import { type ParallelLimits, createParallelLimits, newParallelCounts } from "./access/parallel-limits.ts";
import { memoryRateCounter } from "./access/rate-counter.ts";
import { type RateLimits, createRateLimits } from "./access/rate-limits.ts";
import type { PlaceModelProblem } from "./config/check-config.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./config/resolve-references.ts";
import { loadPlugins } from "./gateway/load-plugins.ts";
import { defaultProvider, officialProviders } from "./gateway/official-providers.ts";
import { prepareModels } from "./gateway/prepare-models.ts";
import { completeRouterSettings } from "./gateway/router-settings.ts";
import { unavailableProvider } from "./gateway/unavailable.ts";
import { type Telemetry, noTelemetry } from "./telemetry/telemetry.ts";
import { type UnderWay, createUnderWay } from "./under-way.ts";

/** What the app serves from: made of one configuration, and replaced as a whole when that changes. */
export interface Gateway {
  readonly config: Config;
  readonly dheera: Dheera;
  readonly access: Access;
  readonly rates: RateLimits;
  readonly parallel: ParallelLimits;
  readonly telemetry: Telemetry;
  /** Its requests. */
  readonly underWay: UnderWay;
  /** Model names one can ask for. */
  readonly modelNames: ReadonlySet<string>;
  /** Model names of the configuration that nobody can serve, and why. */
  readonly unserved: ReadonlyMap<string, string>;
  /** What an operator should know. */
  readonly warnings: readonly string[];
  /** Lets go of everything it opened; requests must have ended. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Where providers and keys are looked up; `environment_variables` of the configuration win over it. */
  readonly environment: Environment;
  /** Folder that plug-ins are looked up from; the working directory when absent. */
  readonly directory?: string;
  /** Providers beside the official ones and the plug-ins. */
  readonly providers?: readonly Provider[];
  readonly transport?: Transport;
  readonly telemetry?: Telemetry;
  /** Places problems in the configuration file. */
  readonly placeModelProblem?: PlaceModelProblem;
}

/**
 * Loads plug-ins and connects providers, deployments, keys and limits. Calls no upstream.
 * @throws ConfigError for entries that a provider refuses, Error for plug-ins that cannot be loaded
 */
export async function createGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const { telemetry = noTelemetry, directory = ".", placeModelProblem = placeNowhere } = options;
  const environment = { ...options.environment, ...config.environment_variables };
  const plugins = await loadPlugins(config.plugins, directory, environment);
  const providers = [...officialProviders(environment), ...(options.providers ?? []), ...plugins, unavailableProvider];
  const models = prepareModels(config.model_list, providers, placeModelProblem);
  const settings = config.general_settings;
  const dheera = createDheera({
    providers,
    defaultProvider,
    model_list: models.entries,
    router_settings: completeRouterSettings(config),
    limits: { maxDocuments: settings.max_documents, allowDestination: false },
    ...(options.transport && { transport: options.transport }),
    ...(telemetry.observer && { observer: telemetry.observer }),
  });
  return {
    config,
    telemetry,
    underWay: createUnderWay(),
    dheera,
    modelNames: new Set(dheera.models()),
    access: createAccess(config, environment),
    rates: createRateLimits(settings, await memoryRateCounter()),
    parallel: createParallelLimits(settings, newParallelCounts()),
    unserved: models.unserved,
    warnings: models.warnings,
    close: async () => {},
  };
}

const placeNowhere: PlaceModelProblem = (position, message) => ({
  file: "configuration",
  line: 0,
  column: 0,
  key: `model_list[${position}]`,
  message,
});
