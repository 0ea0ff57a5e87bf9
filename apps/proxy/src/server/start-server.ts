import { startProcessServer } from "./process-server.ts";
import { followChanges } from "./follow-changes.ts";
import { startWorkers } from "./start-workers.ts";
import type { RunningServer, ServerOptions } from "./server-options.ts";

/**
 * Starts the proxy on Node.js: in this process, or in several that share the port.
 * @throws ConfigError for a configuration that cannot be used
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { numWorkers = 1 } = options;
  const server = await (numWorkers > 1 ? startWorkers(options, numWorkers) : startProcessServer(options));
  const unfollow = options.reload === false ? undefined : followChanges(server);
  return {
    url: server.url,
    port: server.port,
    close: () => {
      unfollow?.();
      return server.close();
    },
  };
}
