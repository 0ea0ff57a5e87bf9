import { startProcessServer } from "./process-server.ts";
import { type Reloadable, reloadOnChange } from "./reload/reload-on-change.ts";
import type { RunningServer, ServerOptions } from "./server-options.ts";

/**
 * Starts the proxy on Node.js or Bun: in this process, or in several that share the port.
 * @throws ConfigError for a configuration that cannot be used
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { numWorkers = 1 } = options;
  const server = await (numWorkers > 1 ? startSeveral(options, numWorkers) : startProcessServer(options));
  const unfollow = options.reload === false ? undefined : reloadOnChange(server);
  return {
    url: server.url,
    port: server.port,
    close: () => {
      unfollow?.();
      return server.close();
    },
  };
}

/** Loads the code for several processes only where it is used. */
async function startSeveral(options: ServerOptions, count: number): Promise<RunningServer & Reloadable> {
  const { startWorkers } = await import("./workers/start-workers.ts");
  return startWorkers(options, count);
}
