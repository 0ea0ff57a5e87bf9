import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";

import { getRequestListener } from "@hono/node-server";

import { createApp } from "../app.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Environment } from "../config/resolve-references.ts";
import { createGateway } from "../gateway.ts";
import type { Logger } from "../telemetry/telemetry.ts";

export interface ServerOptions {
  /** File to read the configuration from; or give `config`. */
  readonly configPath?: string;
  readonly config?: Config;
  /** Default 0.0.0.0. */
  readonly host?: string;
  /** Default 4000; 0 takes a free one. */
  readonly port?: number;
  readonly environment: Environment;
  /** Seconds that requests in flight may take when stopping. */
  readonly shutdownTimeout?: number;
  /** Take up changes of the configuration file; default true. */
  readonly reload?: boolean;
  /** Processes that share the port; default 1. */
  readonly numWorkers?: number;
  readonly log?: Logger;
}

export interface RunningServer {
  /** `http://0.0.0.0:4000` */
  readonly url: string;
  readonly port: number;
  /** Stops gracefully. */
  close(): Promise<void>;
}

/** @throws ConfigError for a configuration that cannot be used */
export async function startServer({
  configPath,
  config,
  host = "0.0.0.0",
  port = 4000,
  environment,
}: ServerOptions): Promise<RunningServer> {
  const loaded = configPath === undefined ? undefined : await loadConfig(configPath, environment);
  const current = loaded?.config ?? config;
  if (!current) throw new TypeError("startServer needs a configPath or a config");
  const gateway = await createGateway(current, {
    environment,
    ...(configPath !== undefined && { directory: dirname(configPath) }),
    ...(loaded && { placeModelProblem: loaded.placeModelProblem }),
  });
  const app = createApp(gateway);
  const server = createServer(getRequestListener((request, env) => app.fetch(request, env)));
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    close: async () => {
      server.close();
      await once(server, "close");
      await gateway.close();
    },
  };
}
