import { dirname } from "node:path";

import type { CheckedConfig } from "../config/check-config.ts";
import { loadConfig } from "../config/load-config.ts";
import { type Gateway, type GatewayOptions, createGateway } from "../gateway.ts";
import { silentLog } from "../telemetry/telemetry.ts";
import { type UnderWay, createUnderWay } from "../under-way.ts";
import type { ServerOptions } from "./server-options.ts";
import { openUpstreams } from "./upstreams.ts";

export interface BuiltGateway {
  readonly gateway: Gateway;
  /** Files the configuration was read from; none when it was given. */
  readonly files: readonly string[];
}

/** Makes the gateways of one process, which share its connections to upstreams. */
export interface GatewayFactory {
  /** Requests of all gateways. */
  readonly underWay: UnderWay;
  /** Reads the configuration anew and tells its warnings. @throws ConfigError when it cannot be used */
  build(previous?: Gateway): Promise<BuiltGateway>;
  close(): Promise<void>;
}

/** What differs when several processes serve together. */
export type ProcessPart = Pick<GatewayOptions, "share" | "localRateCounter">;

export function createGatewayFactory(options: ServerOptions, part: ProcessPart): GatewayFactory {
  const { configPath, environment, log = silentLog, telemetry = { log } } = options;
  const upstreams = openUpstreams();
  const underWay = createUnderWay();
  return {
    underWay,
    async build(previous) {
      const { config, warnings, placeModelProblem, placePluginProblem, files } = await readConfig(options);
      const gateway = await createGateway(config, {
        environment,
        telemetry,
        underWay,
        ...part,
        transport: upstreams.transport(config.general_settings.max_response_size_mb * 1_000_000, telemetry),
        ...(placeModelProblem && { placeModelProblem }),
        ...(placePluginProblem && { placePluginProblem }),
        ...(configPath !== undefined && { directory: dirname(configPath) }),
        ...(previous && { previous }),
      });
      for (const warning of [...warnings, ...gateway.warnings]) log.warn(warning);
      return { gateway, files };
    },
    close: () => upstreams.close(),
  };
}

type ReadConfig = Partial<CheckedConfig> & Pick<CheckedConfig, "config" | "warnings"> & { readonly files: readonly string[] };

async function readConfig({ configPath, config, environment }: ServerOptions): Promise<ReadConfig> {
  if (configPath !== undefined) return loadConfig(configPath, environment);
  if (config) return { config, warnings: [], files: [] };
  throw new TypeError("startServer needs a configPath or a config");
}
