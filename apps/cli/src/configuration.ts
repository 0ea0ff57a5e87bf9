import { dirname } from "node:path";

import type { Gateway, LoadedConfig } from "@dheera-ai/proxy";

import type { Terminal } from "./terminal.ts";
import { WrongConfiguration } from "./errors.ts";

/** Reads and checks a configuration file. @throws WrongConfiguration with every error in it */
export function readConfiguration(file: string, environment: Terminal["environment"]): Promise<LoadedConfig> {
  return withProxy(async ({ loadConfig }) => loadConfig(file, environment));
}

/**
 * Connects what a configuration describes; calls no upstream.
 * @throws WrongConfiguration with every error in it
 */
export function connectConfiguration(
  { config, path, locateModelProblem }: LoadedConfig,
  environment: Terminal["environment"],
): Promise<Gateway> {
  return withProxy(({ createGateway }) =>
    createGateway(config, { environment, directory: dirname(path), locateModelProblem }),
  );
}

/** Loads the proxy, which takes a while, runs a function of it, and turns its errors of configuration into WrongConfiguration. */
export async function withProxy<T>(run: (proxy: typeof import("@dheera-ai/proxy")) => Promise<T>): Promise<T> {
  const proxy = await import("@dheera-ai/proxy");
  try {
    return await run(proxy);
  } catch (error) {
    if (error instanceof proxy.ConfigError) throw new WrongConfiguration(error.message, { cause: error });
    throw error;
  }
}
