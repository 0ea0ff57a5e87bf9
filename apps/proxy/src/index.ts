export { type App, type AppOptions, createApp } from "./app.ts";
export { isKeyless } from "./access/check-key.ts";
export { ConfigError, type ConfigProblem } from "./config/config-error.ts";
export type {
  BatchSettings,
  CacheParams,
  Config,
  ConfiguredModel,
  DheeraAiSettings,
  GeneralSettings,
  KeySettings,
  RedisSettings,
} from "./config/config.ts";
export { type LoadedConfig, loadConfig } from "./config/load-config.ts";
export { type ParseConfigOptions, parseConfig } from "./config/parse-config.ts";
export { type Gateway, type GatewayOptions, createGateway } from "./gateway/gateway.ts";
export type { OpenTransport } from "./server/upstream/open-transport.ts";
export type { BatchWorkerOptions, RunningBatchWorker } from "./server/batch-worker.ts";
export type { RunningServer, ServerOptions } from "./server/server-options.ts";
export type { GatewayRef } from "./gateway/gateway-ref.ts";
export type { LogFields, Logger, RequestFacts, RequestStart, Telemetry } from "./telemetry/telemetry.ts";

import type { Config } from "./config/config.ts";
import type { Gateway, GatewayOptions } from "./gateway/gateway.ts";
import type { BatchWorkerOptions, RunningBatchWorker } from "./server/batch-worker.ts";
import type { RunningServer, ServerOptions } from "./server/server-options.ts";
import type { OpenTransport } from "./server/upstream/open-transport.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

/**
 * A gateway that reaches upstreams as the server does: through the proxies of the environment, with the authorities and
 * certificates of the configuration. Closing it closes its connections. For Node.js and Bun.
 * @throws ConfigError for a configuration that cannot be used
 */
export async function connectGateway(
  config: Config,
  options: Omit<GatewayOptions, "transport" | "transportOf">,
): Promise<Gateway> {
  const { connectGateway: connect } = await import("./server/upstream/connect-gateway.ts");
  return connect(config, options);
}

/**
 * Connections to upstreams as the environment wants them, for programs without a configuration: `HTTPS_PROXY`,
 * `HTTP_PROXY`, `NO_PROXY`, `SSL_VERIFY`, `SSL_CERT_FILE`, `SSL_CERTIFICATE`. To be closed after use.
 * @param telemetry gives headers for the calls, where it has any
 * @throws Error naming the variable that cannot be used
 */
export async function openTransport(
  environment: ServerOptions["environment"],
  telemetry?: Pick<Telemetry, "outgoingHeaders">,
): Promise<OpenTransport> {
  const { openTransport: open } = await import("./server/upstream/open-transport.ts");
  return open(environment, telemetry);
}

/**
 * Starts the proxy on Node.js or Bun.
 * @throws ConfigError for a configuration that cannot be used
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = await import("./server/start-server.ts");
  return server.startServer(options);
}

/**
 * Runs batches in this process until it is closed, and serves nobody: `dheera_ai worker`.
 * @throws ConfigError for a configuration that cannot be used, Error where it names no `batch_settings.storage`
 */
export async function startBatchWorker(options: BatchWorkerOptions): Promise<RunningBatchWorker> {
  const worker = await import("./server/batch-worker.ts");
  return worker.startBatchWorker(options);
}
