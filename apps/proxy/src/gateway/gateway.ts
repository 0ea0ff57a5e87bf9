import { type Dheera, type Provider, type RouterSettings, type Transport, createDheera } from "@dheera-ai/core";
import type { Teams } from "@dheera-ai/teams";
import { ShadowSpending, combinations, defaultProvider, withShadows } from "dheera-ai";

import { type Access, createAccess, keyWarnings, masterKeyOf } from "../access/check-key.ts";
import { type DatabaseKeys, databaseKeys } from "../access/database-keys.ts";
import { type LinkSignatures, linkSignatures } from "../access/link-signatures.ts";
import { type Bodies, createBodies } from "../access/limits/body-budget.ts";
import { type ParallelLimits, createParallelLimits } from "../access/limits/parallel-limits.ts";
import { MemoryRateCounter } from "../access/limits/memory-rate-counter.ts";
import type { RateCounter } from "../access/limits/rate-counter.ts";
import { type RateLimits, createRateLimits } from "../access/limits/rate-limits.ts";
import type { Accounts } from "../access/spending/accounts.ts";
import type { GatewayBatches } from "../batches/gateway-batches.ts";
import type { LocateProblem } from "../config/check/check-config.ts";
import type { Config, ConfiguredModel, GeneralSettings, TlsSettings } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { boundedFetch } from "../http/bounded-fetch.ts";
import { type People, createPeople } from "../sign-in/people.ts";
import type { AddedModels } from "../management/models/added-models.ts";
import { withTokens } from "../sign-in/tokens/token-keys.ts";
import { type Telemetry, noTelemetry } from "../telemetry/telemetry.ts";
import type { Webhooks } from "../webhooks/open-webhooks.ts";
import type { SharedServers } from "../sharing/shared-servers.ts";
import { type HealthChecks, createHealthChecks } from "./health/health-checks.ts";
import { type ServiceHealth, checkServices } from "./health/services.ts";
import { type InFlight, createInFlight } from "./in-flight.ts";
import { findLacking } from "./models/find-lacking.ts";
import { type GatheredProviders, gatherProviders } from "./models/gather-providers.ts";
import {
  type PreparedWithAdded,
  type RefusedModel,
  locateAdded,
  prepareWithAdded,
} from "./models/prepare-with-added.ts";
import { type OpenCache, openCache } from "./open-cache.ts";
import { type Share, shareConfig } from "./share-limits.ts";
import { sharedServerSettings, openSharedServers } from "./open-shared-servers.ts";
import { type Shared, takeOver } from "./shared.ts";
import { type UsageCounters, usageCounterSettings, openUsageCounters } from "./usage-counters.ts";
import { openSharedWebhooks, whyNoneAreTold } from "./open-webhooks.ts";

/**
 * Everything that the app serves from: made from one configuration, and replaced as a whole when the configuration
 * changes.
 */
export interface Gateway {
  readonly config: Config;
  readonly dheera: Dheera;
  readonly access: Access;
  readonly links: LinkSignatures;
  /** Who asks for management. */
  readonly people: People;
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
  /** The model name of each deployment, and of each model that asks others. */
  readonly namesById: ReadonlyMap<string, string>;
  /** Whether a model asks others, which may depend on the session of a request. */
  readonly readsSessions: boolean;
  /** Model names of the configuration without a deployment that can serve, and why. */
  readonly unserved: ReadonlyMap<string, string>;
  /** Deployments of the database that cannot serve. */
  readonly refused: readonly RefusedModel[];
  /** Deployments of the database, and what they are checked and kept with; undefined where none are kept. */
  readonly added: AddedModels | undefined;
  /** Resolves when the gateway that answers now has the deployments that the database has now. */
  refreshAdded(): Promise<void>;
  /** Why a deployment could not be served beside the others; one with its id is left out of these. */
  whyRefused(model: ConfiguredModel): Promise<{ readonly refusal?: string; readonly warnings: readonly string[] }>;
  /** Messages for the operator. */
  readonly warnings: readonly string[];
  checkServices(): Promise<readonly ServiceHealth[]>;
  /** The next gateway may take these over. */
  readonly usage: Shared<UsageCounters>;
  /** Servers that other processes use too; undefined where they are not shared. */
  readonly sharedServers: Shared<SharedServers> | undefined;
  readonly cache: Shared<OpenCache> | undefined;
  /** The same of the database; undefined where none is configured. */
  readonly sharedTeams: Shared<Teams> | undefined;
  /** Keys, teams and spend in the database. */
  readonly teams: Teams | undefined;
  /** Files and batches; undefined where `batch_settings` names no storage. */
  readonly batches: Shared<GatewayBatches> | undefined;
  /** Who is told of budgets, keys and deployments; undefined without a database. */
  readonly webhooks: Shared<Webhooks> | undefined;
  /** What requests may cost and have cost; there are none without a database. */
  readonly accounts: Accounts | undefined;
  /** What second models have cost today; the next gateway takes it over. */
  readonly shadowSpending: ShadowSpending;
  /** Whether an entry has a second model, which is asked after answers were written. */
  readonly hasShadows: boolean;
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
  /** The same for deployments that name addresses and were added over the API: connections obey `general_settings.allowed_private_networks`. */
  readonly openEgressTransports?: () => Promise<(model: Pick<ConfiguredModel, "tls">) => Transport>;
  /** Deployments of the database. */
  readonly added?: AddedModels;
  readonly refreshAdded?: () => Promise<void>;
  /** The part of this process where several serve together: limits that cannot be counted together are divided. */
  readonly share?: Share;
  /** Counts rates where there is no Redis; by default in the memory of this process. */
  readonly localRateCounter?: () => RateCounter;
  readonly telemetry?: Telemetry;
  /** The gateway that this one replaces; its counters and its cache are taken over. */
  readonly previous?: Gateway;
  /** The open database; the gateway releases it when it is closed, and the caller where no gateway is made. */
  readonly teams?: Shared<Teams>;
  /** The same of files and batches. */
  readonly batches?: Shared<GatewayBatches>;
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
  const sharing = sharedServerSettings(wholeConfig, share);
  const config = share ? shareConfig(wholeConfig, share, sharing !== undefined) : wholeConfig;
  const { general_settings: settings, dheera_ai_settings: product } = config;
  const environment = { ...options.environment, ...config.environment_variables };
  const router = completeRouterSettings(config);
  const prepare = async (
    added: readonly ConfiguredModel[],
  ): Promise<PreparedWithAdded & Pick<GatheredProviders, "providers">> => {
    const all = { ...config, model_list: [...config.model_list, ...added] };
    const locatePluginProblem = options.locatePluginProblem ?? withoutLocation("plugins");
    const { providers, lackingOf } = await gatherProviders(all, { ...options, environment, locatePluginProblem });
    const surroundings = { lackingOf, combinations, router };
    return { providers, ...prepareWithAdded(config.model_list, added, providers, locateModelProblem, surroundings) };
  };
  const { added, refreshAdded = async () => {} } = options;
  const { providers, entries, served, unserved, warnings, refused } = await prepare(added?.models ?? []);
  const allRefused = [...(added?.refused ?? []), ...refused];

  const usage = await takeOver(previous?.usage, usageCounterSettings(config), (wanted) =>
    openUsageCounters(wanted, localRateCounter, telemetry.log),
  );
  const sharedServers =
    sharing && (await takeOver(previous?.sharedServers, sharing, (wanted) => openSharedServers(wanted, telemetry.log)));
  const cacheParams = product.cache_params ?? { type: "local" };
  const cache = product.cache
    ? await takeOver(previous?.cache, cacheParams, (params) => openCache(params, telemetry.log))
    : undefined;
  const { transportOf, teams } = options;
  const egressTransportOf = served.some(({ obeysEgress }) => obeysEgress)
    ? await options.openEgressTransports?.()
    : undefined;
  const shadowSpending = previous?.shadowSpending ?? new ShadowSpending();
  const connected = createDheera({
    providers,
    combinations,
    defaultProvider,
    model_list: entries,
    router_settings: router,
    limits: {
      maxDocuments: settings.max_documents,
      maxChunksPerDocument: settings.max_chunks_per_doc,
      allowDestination: false,
    },
    transport: options.transport ?? {
      fetch: boundedFetch((...args) => globalThis.fetch(...args), settings.max_response_size_mb * 1_000_000),
    },
    ...((transportOf ?? egressTransportOf) && {
      transportOf: (entry) => {
        const model = served[entries.indexOf(entry)];
        if (model?.obeysEgress) return egressTransportOf?.(model);
        return model?.tls && transportOf?.(model.tls);
      },
    }),
    ...(cache && { cache: cache.value.scores }),
    ...(telemetry.observer && { observer: telemetry.observer }),
    ...(sharedServers && { share: sharedServers.value.share }),
  });
  const dheera = withShadows(connected, {
    model_list: entries,
    router_settings: config.router_settings,
    observer: telemetry.observer,
    spending: shadowSpending,
  });
  const combined = dheera.combinedModels();
  const health = createHealthChecks(dheera, served, settings);
  const database = teams && keysOf(teams.value, settings, share);
  const accounts = teams && (await openAccounts(teams.value, dheera, config));
  const webhooks = await openSharedWebhooks({
    teams,
    settings,
    environment,
    previous,
    log: telemetry.log,
    dheera,
    health,
  });
  const people = createPeople({
    settings,
    teams: teams?.value,
    masterKey: masterKeyOf(config, environment),
    log: telemetry.log,
  });
  const lacking = await findLacking(dheera, served, (entry, message) =>
    entry.isAdded ? locateAdded(entry, message) : locateModelProblem(config.model_list.indexOf(entry), message),
  );
  return {
    config,
    dheera,
    served,
    modelNames: new Set(dheera.models()),
    namesById: new Map([...dheera.deployments(), ...combined].map(({ id, modelName }) => [id, modelName])),
    readsSessions: combined.length > 0,
    unserved: withRefused(unserved, served, allRefused),
    refused: allRefused,
    added,
    refreshAdded,
    async whyRefused(model) {
      const others = added?.models.filter(({ model_info }) => model_info?.id !== model.model_info?.id) ?? [];
      const tried = await prepare([...others, model]);
      const refusal = tried.refused.find(({ id }) => id === model.model_info?.id)?.reason;
      const start = `${locateAdded(model, "").file}:1 ${model.model_name} `;
      const doubts = tried.warnings.filter((warning) => warning.startsWith(start));
      return {
        ...(refusal !== undefined && { refusal }),
        warnings: doubts.map((warning) => warning.slice(start.length)),
      };
    },
    warnings: [
      ...warnings,
      ...allRefused.map(
        ({ id, modelName, reason }) => `the deployment ${id} of the database (${modelName}) cannot serve: ${reason}`,
      ),
      ...lacking,
      ...(webhooks?.value.warnings ?? whyNoneAreTold(settings)),
      ...keyWarnings(config, environment),
    ],
    access: createAccess(config, environment, database),
    links: linkSignatures(masterKeyOf(config, environment)),
    people,
    rates: createRateLimits(settings, usage.value.rates),
    parallel: createParallelLimits(settings, usage.value.parallel),
    bodies: createBodies(settings, usage.value.bodies),
    health,
    checkServices: () => checkServices(cache?.value, usage.value.rates, teams?.value),
    telemetry,
    inFlight: createInFlight(options.inFlight),
    usage,
    sharedServers,
    cache,
    sharedTeams: teams,
    teams: teams?.value,
    batches: options.batches,
    webhooks,
    accounts,
    shadowSpending,
    hasShadows: dheera !== connected,
    async close() {
      await health.stop();
      // A provider that cannot be closed must not keep the rest open.
      await dheera.close().catch((error: unknown) => telemetry.log.error("a provider could not be closed", { error }));
      await Promise.all([usage.release(), sharedServers?.release(), cache?.release(), people.close()]);
      await Promise.all([webhooks?.release(), options.batches?.release()]);
      // Last, because the last answers are still to be booked.
      await teams?.release();
    },
  };
}

/** The code for it is loaded only where there is a database. */
/** Keys of the database and, where the configuration wants that, tokens of services. */
function keysOf(teams: Teams, { enable_jwt_auth, jwt_auth }: GeneralSettings, share: Share | undefined): DatabaseKeys {
  const keys = databaseKeys(teams, share);
  return enable_jwt_auth && jwt_auth ? withTokens(keys, teams, jwt_auth, { share }) : keys;
}

async function openAccounts(teams: Teams, dheera: Dheera, config: Config): Promise<Accounts> {
  const [{ createAccounts }, { MostCosts }] = await Promise.all([
    import("../access/spending/accounts.ts"),
    import("../access/spending/most-cost.ts"),
  ]);
  const router = completeRouterSettings(config);
  return createAccounts(teams.spending, new MostCosts(dheera, router, config.general_settings.unknown_request_cost));
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

/** A name whose only deployments are refused is answered with the reason. */
function withRefused(
  unserved: Gateway["unserved"],
  served: readonly ConfiguredModel[],
  refused: readonly RefusedModel[],
): Gateway["unserved"] {
  if (refused.length === 0) return unserved;
  const names = new Set(served.map(({ model_name }) => model_name));
  const lost = refused.filter(({ modelName }) => !names.has(modelName));
  return new Map([
    ...unserved,
    ...lost.map(({ modelName, reason }) => [modelName, `the model ${modelName} cannot serve: ${reason}`] as const),
  ]);
}

function withoutLocation(list: string): LocateProblem {
  return (position, message) => ({ file: "configuration", line: 0, column: 0, key: `${list}[${position}]`, message });
}
