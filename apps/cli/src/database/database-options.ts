import { stat } from "node:fs/promises";

import type { Database } from "@dheera-ai/teams";
import { isDheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import type { Option } from "../command-line/command.ts";
import { text } from "../command-line/values.ts";
import { readConfiguration } from "../configuration.ts";
import { Failure, UsageError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

/** Which database is meant. */
export interface DatabaseOptions {
  readonly config?: string;
  readonly database_url?: string;
}

export const databaseOptions = {
  config: { short: "c", value: "FILE", help: "the database of this configuration (general_settings.database_url)" },
  database_url: {
    value: "URL",
    help: "the database itself: postgresql://…, sqlite:<path>, or os.environ/NAME, which keeps its password out of the list of processes",
  },
} as const satisfies Record<keyof DatabaseOptions, Option>;

export const databaseSchema = { config: v.optional(text), database_url: v.optional(text) };

/**
 * Opens the database for as long as `work` takes, which is told the variables as a proxy with this configuration has them.
 * @throws UsageError where none is named, or its address is none; Failure where it cannot be used, with what it said
 */
export async function withDatabase<T>(
  options: DatabaseOptions,
  environment: Terminal["environment"],
  work: (
    database: Database,
    teams: typeof import("@dheera-ai/teams"),
    environment: Terminal["environment"],
  ) => Promise<T>,
): Promise<T> {
  const named = await readNamed(options, environment);
  const teams = await import("@dheera-ai/teams");
  const database = await teams.openDatabase(named.url).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
  try {
    return await work(database, teams, named.environment);
  } catch (error) {
    if (!isDheeraError(error) || error.code !== "unavailable") throw error;
    throw new Failure(`the database cannot be used: ${database.trouble?.reason ?? error.message}`, { cause: error });
  } finally {
    await database.close();
  }
}

/** @throws UsageError where none is named */
export async function databaseUrlOf(options: DatabaseOptions, environment: Terminal["environment"]): Promise<string> {
  return (await readNamed(options, environment)).url;
}

interface Named {
  readonly url: string;
  /** With `environment_variables` of the configuration, if it was named by one. */
  readonly environment: Terminal["environment"];
}

async function readNamed(
  { config, database_url }: DatabaseOptions,
  environment: Terminal["environment"],
): Promise<Named> {
  if (config !== undefined && database_url !== undefined)
    throw new UsageError("--config and --database_url both say which database; give one");
  if (config !== undefined) {
    const { general_settings, environment_variables } = (await readConfiguration(config, environment)).config;
    const { database_url: url } = general_settings;
    if (url !== undefined) return { url, environment: { ...environment, ...environment_variables } };
    throw new UsageError(`${config} has no general_settings.database_url, which says where the database is`);
  }
  if (database_url === undefined)
    throw new UsageError("give --config FILE or --database_url URL to say which database");
  const [, name] = /^os\.environ\/(.+)$/.exec(database_url) ?? [];
  if (name === undefined) return { url: database_url, environment };
  const found = environment[name];
  if (!found) throw new UsageError(`--database_url: the environment variable ${name} is not set`);
  return { url: found, environment };
}

/** Opening a file of SQLite would make it, and looking must change nothing. */
export async function isMissingFile(url: string): Promise<boolean> {
  const [, path] = /^sqlite:(?!:memory:)(.+)$/.exec(url) ?? [];
  if (path === undefined) return false;
  return stat(path).then(
    () => false,
    (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT",
  );
}
