import type { Transport } from "@dheera-ai/core";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError, type ConfigProblem } from "../../config/config-error.ts";
import type { Config, TlsSettings } from "../../config/config.ts";
import type { Environment } from "../../config/read/resolve-references.ts";
import type { GatewayOptions } from "../../gateway/gateway.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { UpstreamWay, Upstreams } from "./open-upstreams.ts";
import { readOutgoingProxies } from "./outgoing-proxies.ts";
import { readTls } from "./tls.ts";

export interface TransportOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly telemetry: Pick<Telemetry, "outgoingHeaders">;
  /** Paths of files are relative to it. */
  readonly directory: string;
  readonly locate: LocateProblem | undefined;
}

/**
 * The transport of all deployments, and those of deployments whose connections are secured otherwise.
 * @throws ConfigError for files and proxies that cannot be used
 */
export async function openTransports(
  upstreams: Upstreams,
  { config, environment, telemetry, directory, locate }: TransportOptions,
): Promise<Required<Pick<GatewayOptions, "transport" | "transportOf" | "openEgressTransports">>> {
  const { max_response_size_mb, allowed_private_networks: networks = [] } = config.general_settings;
  const variables = { ...environment, ...config.environment_variables };
  const common = config.dheera_ai_settings;
  const openWay = (way: UpstreamWay): Promise<Transport> =>
    upstreams.transport(way, max_response_size_mb * 1_000_000, telemetry);
  const open = async (settings: TlsSettings): Promise<Transport> =>
    openWay({ tls: await readTls(settings, variables, directory), proxies: readOutgoingProxies(variables) });
  const opened = new Map<TlsSettings, Transport>();
  const problems: ConfigProblem[] = [];
  const transport = await open(common).catch((error: unknown) => problems.push(problemOf(error)));
  for (const [position, { tls, obeysEgress }] of config.model_list.entries()) {
    if (tls === undefined || obeysEgress) continue;
    await open({ ...common, ...tls }).then(
      (own) => opened.set(tls, own),
      (error: unknown) => problems.push(locate ? locate(position, messageOf(error)) : problemOf(error)),
    );
  }
  if (typeof transport === "number" || problems.length > 0) throw new ConfigError(problems);
  return {
    transport,
    transportOf: (tls) => opened.get(tls),
    async openEgressTransports() {
      // Our own certificate is for servers that the configuration names.
      const openTo = async (settings: TlsSettings): Promise<Transport> => {
        const { cert: _cert, key: _key, ...tls } = (await readTls(settings, variables, directory)) ?? {};
        return openWay({ ...(Object.keys(tls).length > 0 && { tls }), egress: { networks } });
      };
      const checked = await openTo(common);
      const unverified = await openTo({ ...common, ssl_verify: false });
      return ({ tls }) => (tls?.ssl_verify === false ? unverified : checked);
    },
  };
}

function problemOf(error: unknown): ConfigProblem {
  return { file: "configuration", line: 0, column: 0, key: "", message: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
