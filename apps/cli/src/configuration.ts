import type { LoadedConfig } from "@dheera-ai/proxy";
import { dirname } from "node:path";

import type { Gateway } from "@dheera-ai/proxy";

import type { Terminal } from "./terminal.ts";
import { WrongConfiguration } from "./wrong-configuration.ts";

/** Reads and checks a configuration file. @throws WrongConfiguration with every error in it */
export function readConfiguration(file: string, environment: Terminal["environment"]): Promise<LoadedConfig> {
  return explained(async ({ loadConfig }) => loadConfig(file, environment));
}

/**
 * Connects what a configuration describes; calls no upstream.
 * @throws WrongConfiguration with every error in it
 */
export function connectConfiguration(
  { config, path, locateModelProblem }: LoadedConfig,
  environment: Terminal["environment"],
): Promise<Gateway> {
  return explained(({ createGateway }) =>
    createGateway(config, { environment, directory: dirname(path), locateModelProblem }),
  );
}

/** Runs something of the proxy, which is loaded only now, and tells its errors of configuration from all others. */
export async function explained<T>(run: (proxy: typeof import("@dheera-ai/proxy")) => Promise<T>): Promise<T> {
  const proxy = await import("@dheera-ai/proxy");
  try {
    return await run(proxy);
  } catch (error) {
    if (error instanceof proxy.ConfigError) throw new WrongConfiguration(error.message, { cause: error });
    throw error;
  }
}
