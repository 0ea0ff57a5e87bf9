import { stat } from "node:fs/promises";
import { dirname } from "node:path";

import type { Gateway, LoadedConfig, Telemetry } from "@dheera-ai/proxy";

import type { Terminal } from "./terminal.ts";
import { UsageError, WrongConfiguration } from "./errors.ts";

/**
 * Reads and checks a configuration file.
 * @throws UsageError when there is none; WrongConfiguration with every error in it
 */
export async function readConfiguration(
  file: string,
  environment: Terminal["environment"],
  { strict }: { readonly strict?: boolean } = {},
): Promise<LoadedConfig> {
  await requireFile(file);
  return withProxy(async ({ loadConfig }) => loadConfig(file, environment, { strict }));
}

/**
 * Connects what a configuration describes, over connections like the proxy's; calls no upstream.
 * @throws WrongConfiguration with every error in it
 */
export function connectConfiguration(
  { config, path, locateModelProblem, locatePluginProblem }: LoadedConfig,
  environment: Terminal["environment"],
  telemetry?: Telemetry,
): Promise<Gateway> {
  return withProxy(({ connectGateway }) =>
    connectGateway(config, {
      environment,
      directory: dirname(path),
      locateModelProblem,
      locatePluginProblem,
      ...(telemetry && { telemetry }),
    }),
  );
}

/**
 * Refuses a file that does not exist, with a way to get one. Every other problem with it is reported by what reads it.
 * @throws UsageError
 */
export async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new UsageError(`--config ${file}: there is no such file; dheera_ai init writes one to start from`);
  });
  if (found?.isDirectory()) throw new UsageError(`--config ${file}: it is a folder; name the file in it`);
}

/**
 * Loads the proxy, which takes a while, runs a function of it, and turns its errors of configuration into
 * WrongConfiguration.
 */
export async function withProxy<T>(run: (proxy: typeof import("@dheera-ai/proxy")) => Promise<T>): Promise<T> {
  const proxy = await import("@dheera-ai/proxy");
  try {
    return await run(proxy);
  } catch (error) {
    if (error instanceof proxy.ConfigError) throw new WrongConfiguration(error.message, { cause: error });
    throw error;
  }
}
