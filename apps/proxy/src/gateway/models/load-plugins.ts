import type { Provider } from "@dheera-ai/core";
import * as v from "valibot";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError } from "../../config/config-error.ts";
import type { Environment } from "../../config/read/resolve-references.ts";

/**
 * Imports providers by package name or path, both as seen from `directory`. A module's default export is a provider, a
 * list of them, or a function that makes either; a function is given `{ environment }`.
 * @throws ConfigError naming every plug-in that cannot be used, and why
 */
export async function loadPlugins(
  names: readonly string[],
  directory: string,
  environment: Environment,
  place: LocateProblem,
): Promise<readonly Provider[]> {
  const loaded = await Promise.allSettled(names.map((name) => loadPlugin(name, directory, environment)));
  const problems = loaded.flatMap((result, position) =>
    result.status === "rejected" ? [place(position, messageOf(result.reason))] : [],
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return loaded.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
}

async function loadPlugin(name: string, directory: string, environment: Environment): Promise<readonly Provider[]> {
  const module = await importFrom(name, directory);
  const exported = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  const made: unknown =
    typeof exported === "function" ? await makeProvider(name, () => exported({ environment })) : exported;
  const parsed = v.safeParse(providers, Array.isArray(made) ? made : [made]);
  if (parsed.success) return parsed.output;
  throw new Error(
    `the plug-in ${name} gives no provider: its default export must be a provider ({ name, connect }), a list of them, or a function that makes either`,
  );
}

async function makeProvider(name: string, make: () => unknown): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    throw new Error(`the plug-in ${name} cannot make its provider (${messageOf(error)})`, { cause: error });
  }
}

async function importFrom(name: string, directory: string): Promise<unknown> {
  const isPath = name.startsWith(".") || name.startsWith("/");
  try {
    // Loaded here, because runtimes without plug-ins may have no file system.
    const { join, resolve } = await import("node:path");
    const { pathToFileURL } = await import("node:url");
    if (isPath) return await import(pathToFileURL(resolve(directory, name)).href);
    const { resolve: resolveModule } = await import("import-meta-resolve");
    return await import(resolveModule(name, pathToFileURL(join(directory, "any.js")).href));
  } catch (error) {
    const remedy = isPath
      ? "paths are relative to the configuration file"
      : `install it where the configuration is, in ${directory}`;
    throw new Error(`the plug-in ${name} cannot be loaded (${messageOf(error)}); ${remedy}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The type of `connect` is not checked further, because only a call could show it. */
const providers = v.array(
  v.custom<Provider>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      "name" in value &&
      typeof value.name === "string" &&
      /^[a-z0-9_-]+$/.test(value.name) &&
      "connect" in value &&
      typeof value.connect === "function",
  ),
);
