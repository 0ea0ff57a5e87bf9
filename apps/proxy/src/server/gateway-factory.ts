import { dirname } from "node:path";

import type { CheckedConfig } from "../config/check/check-config.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { type Gateway, type GatewayOptions, createGateway } from "../gateway/gateway.ts";
import { openSharedBatches } from "../gateway/open-batches.ts";
import { openSharedTeams } from "../gateway/open-teams.ts";
import { type InFlight, createInFlight } from "../gateway/in-flight.ts";
import { createTelemetry } from "../telemetry/create-telemetry.ts";
import { type MetricsPage, type Telemetry, silentLog } from "../telemetry/telemetry.ts";
import { followAddedModels } from "./reload/follow-added-models.ts";
import type { ServerOptions } from "./server-options.ts";
import { openTransports } from "./upstream/open-transports.ts";
import { openUpstreams } from "./upstream/open-upstreams.ts";

interface BuiltGateway {
  readonly gateway: Gateway;
  /** Files the configuration was read from; none when it was given as data. */
  readonly files: readonly string[];
}

/** Makes the gateways of one process, which share its connections to upstreams. */
export interface GatewayFactory {
  /** Requests of all gateways. */
  readonly inFlight: InFlight;
  /** The same for all gateways; undefined before the first gateway is built. */
  readonly telemetry: Telemetry | undefined;
  /** Reads the configuration again and logs its warnings. @throws ConfigError when it cannot be used */
  build(previous?: Gateway): Promise<BuiltGateway>;
  /**
   * Takes the configuration that was read last and the deployments of the database as they are now; undefined where these are those of the
   * gateway already.
   */
  refresh(previous: Gateway): Promise<Gateway | undefined>;
  close(): Promise<void>;
}

/** What differs when several processes serve together. */
export interface ProcessPart extends Pick<GatewayOptions, "share" | "localRateCounter"> {
  /** Shows the metrics of all of them. */
  readonly metricsPage?: (telemetry: Telemetry) => MetricsPage | undefined;
}

/** @param takeUpAdded replaces the gateway by one with the deployments that the database has now */
export async function createGatewayFactory(
  options: ServerOptions,
  part: ProcessPart,
  takeUpAdded: () => Promise<void>,
): Promise<GatewayFactory> {
  const { configPath, environment, log = silentLog } = options;
  const directory = configPath === undefined ? "." : dirname(configPath);
  const upstreams = await openUpstreams();
  const inFlight = createInFlight();
  let telemetry = options.telemetry;
  let lastRead: ReadConfig | undefined;
  const added = followAddedModels(() => void takeUpAdded(), log);

  const make = async (read: ReadConfig, previous?: Gateway, isRefresh = false): Promise<Gateway | undefined> => {
    const { locateModelProblem, locatePluginProblem } = read;
    const config = withTimeout(read.config, options.requestTimeout);
    telemetry ??= await openTelemetry(config, environment);
    const teams = await openSharedTeams(config.general_settings, {
      log: telemetry.log,
      previous: previous?.sharedTeams,
    });
    let batches: Gateway["batches"];
    try {
      const models = await added.read(teams?.value, config, { ...environment, ...config.environment_variables });
      if (isRefresh && models?.version === previous?.added?.version) {
        await teams?.release();
        return undefined;
      }
      batches = await openSharedBatches(config, previous?.batches);
      const places = { config, environment, telemetry, directory, locate: locateModelProblem };
      return await createGateway(config, {
        environment,
        telemetry,
        inFlight,
        ...(part.share && { share: part.share }),
        ...(part.localRateCounter && { localRateCounter: part.localRateCounter }),
        ...(await openTransports(upstreams, places)),
        ...(locateModelProblem && { locateModelProblem }),
        ...(locatePluginProblem && { locatePluginProblem }),
        directory,
        ...(previous && { previous }),
        ...(teams && { teams }),
        ...(batches && { batches }),
        ...(models && { added: models }),
        refreshAdded: takeUpAdded,
      });
    } catch (error) {
      await batches?.release();
      await teams?.release();
      throw error;
    }
  };

  return {
    inFlight,
    get telemetry() {
      return telemetry;
    },
    async build(previous) {
      const read = await readConfig(options);
      const gateway = await make(read, previous);
      if (gateway === undefined) throw new TypeError("a whole configuration made no gateway");
      lastRead = read;
      for (const warning of [...read.warnings, ...gateway.warnings]) log.warn(warning);
      return { gateway, files: read.files };
    },
    async refresh(previous) {
      const gateway = lastRead && (await make(lastRead, previous, true));
      for (const warning of gateway?.warnings ?? []) if (!previous.warnings.includes(warning)) log.warn(warning);
      return gateway;
    },
    async close() {
      added.close();
      await upstreams.close();
      if (!options.telemetry) await telemetry?.close?.();
    },
  };
}

function withTimeout(config: Config, timeout: number | undefined): Config {
  return timeout === undefined ? config : { ...config, router_settings: { ...config.router_settings, timeout } };
}

type ReadConfig = Partial<CheckedConfig> &
  Pick<CheckedConfig, "config" | "warnings"> & { readonly files: readonly string[] };

async function readConfig({ configPath, config, environment, strict }: ServerOptions): Promise<ReadConfig> {
  if (configPath !== undefined) return loadConfig(configPath, environment, { strict });
  if (config) return { config, warnings: [], files: [] };
  throw new TypeError("startServer needs a configPath or a config");
}

/**
 * Logs, metrics and traces as the configuration and the environment (`LOG_LEVEL`, `OTEL_*`) ask for. They outlive the
 * configuration.
 */
function openTelemetry(config: Config, environment: Environment): Promise<Telemetry> {
  const { json_logs, log_documents, callbacks = [] } = config.dheera_ai_settings;
  const variables = { ...environment, ...config.environment_variables };
  return createTelemetry({
    log: { level: variables["LOG_LEVEL"], pretty: process.stdout.isTTY && !json_logs, documents: log_documents },
    environment: variables,
    traces: callbacks.includes("otel"),
  });
}
