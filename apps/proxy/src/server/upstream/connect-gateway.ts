import { type Gateway, type GatewayOptions, createGateway } from "../../gateway/gateway.ts";
import type { Config } from "../../config/config.ts";
import { noTelemetry } from "../../telemetry/telemetry.ts";
import { openTransports } from "./open-transports.ts";
import { openUpstreams } from "./open-upstreams.ts";

/**
 * A gateway with connections of its own, which reaches upstreams as the server does: through the proxies of the
 * environment, with the authorities and certificates of the configuration. Closing it closes them. Calls no upstream.
 * @throws ConfigError as `createGateway`, and for files and proxies that cannot be used
 */
export async function connectGateway(
  config: Config,
  options: Omit<GatewayOptions, "transport" | "transportOf">,
): Promise<Gateway> {
  const { environment, directory = ".", telemetry = noTelemetry, locateModelProblem: locate } = options;
  const upstreams = await openUpstreams();
  try {
    const transports = await openTransports(upstreams, { config, environment, telemetry, directory, locate });
    const gateway = await createGateway(config, { ...options, ...transports });
    return {
      ...gateway,
      async close() {
        await gateway.close();
        await upstreams.close();
      },
    };
  } catch (error) {
    await upstreams.close();
    throw error;
  }
}
