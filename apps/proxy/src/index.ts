export { type App, type AppOptions, createApp } from "./app.ts";
export { isKeyless } from "./access/check-key.ts";
export { ConfigError, type ConfigProblem } from "./config/config-error.ts";
export type {
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
export type { RunningServer, ServerOptions } from "./server/server-options.ts";
export type { GatewayRef } from "./gateway/gateway-ref.ts";
export type { LogFields, Logger, RequestFacts, RequestStart, Telemetry } from "./telemetry/telemetry.ts";

import type { RunningServer, ServerOptions } from "./server/server-options.ts";

/**
 * Starts the proxy on Node.js or Bun.
 * @throws ConfigError for a configuration that cannot be used
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = await import("./server/start-server.ts");
  return server.startServer(options);
}
