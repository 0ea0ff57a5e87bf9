import {
  type Dheera,
  type ModelParams,
  type Provider,
  type RouterSettings,
  type Transport,
  createDheera,
} from "@dheera-ai/core";
import { providerOfRow } from "@dheera-ai/providers";
import { defaultProvider, loadOptionalProviders, needsPackage, officialProviders } from "dheera-ai";

import { type Access, createAccess, keyWarnings } from "../access/check-key.ts";
import { type Bodies, createBodies } from "../access/limits/body-budget.ts";
import { type ParallelLimits, createParallelLimits } from "../access/limits/parallel-limits.ts";
import { MemoryRateCounter } from "../access/limits/memory-rate-counter.ts";
import type { RateCounter } from "../access/limits/rate-counter.ts";
import { type RateLimits, createRateLimits } from "../access/limits/rate-limits.ts";
import type { LocateProblem } from "../config/check/check-config.ts";
import { findLeftOut, prefixOf } from "../config/check/not-for-reranking.ts";
import type { Config, ConfiguredModel, TlsSettings } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { boundedFetch } from "../http/bounded-fetch.ts";
import { type Telemetry, noTelemetry } from "../telemetry/telemetry.ts";
import { type HealthChecks, createHealthChecks } from "./health/health-checks.ts";
import { type ServiceHealth, checkServices } from "./health/services.ts";
import { type InFlight, createInFlight } from "./in-flight.ts";
import { loadPlugins } from "./models/load-plugins.ts";
import { findLacking } from "./models/find-lacking.ts";
import { prepareModels } from "./models/prepare-models.ts";
import { unavailableProvider } from "./models/unavailable.ts";
import { type OpenCache, openCache } from "./open-cache.ts";
import { type Share, shareConfig, shareProvider } from "./share-limits.ts";
import { type Shared, takeOver } from "./shared.ts";
import { type UsageCounters, usageCounterSettings, openUsageCounters } from "./usage-counters.ts";

/**
 * Everything that the app serves from: made from one configuration, and replaced as a whole when the configuration
 * changes.
 */
export interface Gateway {
  readonly config: Config;
  readonly dheera: Dheera;
  readonly access: Access;
  readonly rates: RateLimits;
  readonly parallel: ParallelLimits;
  readonly bodies: Bodies;
  readonly health: HealthChecks;
  /** Entries of the configuration that have a provider, in core's order of deployments within each model name. */
  readonly served: readonly ConfiguredModel[];
  readonly telemetry: Telemetry;
  /** The requests it answers, without health probes. */
  readonly inFlight: InFlight;
  /** Model names that a request may name. */
  readonly modelNames: ReadonlySet<string>;
  /** The model name of each deployment. */
  readonly namesById: ReadonlyMap<string, string>;
  /** Model names of the configuration without a deployment that can serve, and why. */
  readonly unserved: ReadonlyMap<string, string>;
  /** Messages for the operator. */
  readonly warnings: readonly string[];
  checkServices(): Promise<readonly ServiceHealth[]>;
  /** The next gateway may take these two over. */
  readonly usage: Shared<UsageCounters>;
  readonly cache: Shared<OpenCache> | undefined;
  /** Releases everything that it opened. Its requests must have ended. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Variables for providers and keys; `environment_variables` of the configuration win over them. */
  readonly environment: Environment;
  /** Folder from which plug-ins and packages of optional providers are resolved; the working directory when absent. */
  readonly directory?: string;
  /** Providers beside the official ones and the plug-ins. */
  readonly providers?: readonly Provider[];
  /** How upstreams are reached; by default the runtime's own `fetch`. */
  readonly transport?: Transport;
  /** The same for a deployment whose connections are secured otherwise. */
  readonly transportOf?: (tls: TlsSettings) => Transport | undefined;
  /** The part of this process where several serve together: limits that cannot be counted together are divided. */
  readonly share?: Share;
  /** Counts rates where there is no Redis; by default in the memory of this process. */
  readonly localRateCounter?: () => RateCounter;
  readonly telemetry?: Telemetry;
  /** The gateway that this one replaces; its counters and its cache are taken over. */
  readonly previous?: Gateway;
  /** A second counter of its requests. */
  readonly inFlight?: InFlight;
  /** Locates problems with entries of `model_list` in the configuration file. */
  readonly locateModelProblem?: LocateProblem;
  /** Locates problems with plug-ins in the configuration file. */
  readonly locatePluginProblem?: LocateProblem;
}

/**
 * Loads plug-ins and connects providers, deployments, keys and limits. Calls no upstream; looks whether models that run here
 * are there.
 * @throws ConfigError for entries that a provider refuses and plug-ins that cannot be loaded
 */
export async function createGateway(wholeConfig: Config, options: GatewayOptions): Promise<Gateway> {
  const {
    share,
    telemetry = noTelemetry,
    locateModelProblem = withoutLocation("model_list"),
    previous,
    localRateCounter = () => new MemoryRateCounter(),
  } = options;
  const config = share ? shareConfig(wholeConfig, share) : wholeConfig;
  const { general_settings: settings, dheera_ai_settings: product } = config;
  const environment = { ...options.environment, ...config.environment_variables };
  const { providers, lackingOf } = await gatherProviders(config, environment, options);
  const prepared = prepareModels(config.model_list, providers, locateModelProblem, lackingOf);
  const { entries, served, unserved, warnings } = prepared;

  const usage = await takeOver(previous?.usage, usageCounterSettings(config), (wanted) =>
    openUsageCounters(wanted, localRateCounter, telemetry.log),
  );
  const cacheParams = product.cache_params ?? { type: "local" };
  const cache = product.cache
    ? await takeOver(previous?.cache, cacheParams, (params) => openCache(params, telemetry.log))
    : undefined;
  const { transportOf } = options;
  const dheera = createDheera({
    providers,
    defaultProvider,
    model_list: entries,
    router_settings: completeRouterSettings(config),
    limits: {
      maxDocuments: settings.max_documents,
      maxChunksPerDocument: settings.max_chunks_per_doc,
      allowDestination: false,
    },
    transport: options.transport ?? {
      fetch: boundedFetch((...args) => globalThis.fetch(...args), settings.max_response_size_mb * 1_000_000),
    },
    ...(transportOf && {
      transportOf: (entry) => {
        const tls = served[entries.indexOf(entry)]?.tls;
        return tls && transportOf(tls);
      },
    }),
    ...(cache && { cache: cache.value.scores }),
    ...(telemetry.observer && { observer: telemetry.observer }),
  });
  const health = createHealthChecks(dheera, served, settings);
  const lacking = await findLacking(dheera, served, (entry, message) =>
    locateModelProblem(config.model_list.indexOf(entry), message),
  );
  return {
    config,
    dheera,
    served,
    modelNames: new Set(dheera.models()),
    namesById: new Map(dheera.deployments().map(({ id, modelName }) => [id, modelName])),
    unserved,
    warnings: [...warnings, ...lacking, ...keyWarnings(config, environment)],
    access: createAccess(config, environment),
    rates: createRateLimits(settings, usage.value.rates),
    parallel: createParallelLimits(settings, usage.value.parallel),
    bodies: createBodies(settings, usage.value.bodies),
    health,
    checkServices: () => checkServices(cache?.value, usage.value.rates),
    telemetry,
    inFlight: createInFlight(options.inFlight),
    usage,
    cache,
    async close() {
      await health.stop();
      // A provider that cannot be closed must not keep the rest open.
      await dheera.close().catch((error: unknown) => telemetry.log.error("a provider could not be closed", { error }));
      await Promise.all([usage.release(), cache?.release()]);
    },
  };
}

/** `router_settings`, completed by what LiteLLM also allows in `dheera_ai_settings`. */
function completeRouterSettings({ router_settings: router, dheera_ai_settings: settings }: Config): RouterSettings {
  const {
    num_retries,
    request_timeout: timeout,
    fallbacks,
    default_fallbacks,
    allowed_fails,
    cooldown_time,
  } = settings;
  const inherited = { num_retries, timeout, fallbacks, default_fallbacks, allowed_fails, cooldown_time };
  return { ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)), ...router };
}

/**
 * Of providers with the same name the last one counts: a plug-in may replace an official one. Rows of the configuration
 * have names of their own. Optional packages are loaded for entries that need them, so that parameters are checked now.
 */
async function gatherProviders(
  config: Config,
  environment: Environment,
  options: GatewayOptions,
): Promise<GatheredProviders> {
  const { directory = ".", share, providers: given = [], locatePluginProblem = withoutLocation("plugins") } = options;
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

interface GatheredProviders {
  readonly providers: readonly Provider[];
  /** What to say where a deployment needs a package that is not installed. */
  readonly lackingOf: (params: ModelParams) => string | undefined;
}

function withoutLocation(list: string): LocateProblem {
  return (position, message) => ({ file: "configuration", line: 0, column: 0, key: `${list}[${position}]`, message });
}
