import { type CheckOptions, type CheckedConfig, checkConfig } from "./check/check-config.ts";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { readCalibrations } from "./read/calibration-files.ts";
import { type ConfigFile, readConfigFile } from "./read/config-file.ts";
import type { Environment } from "./read/resolve-references.ts";

export interface LoadedConfig extends CheckedConfig {
  /** The main file. */
  readonly path: string;
  /** Every file that was read, the main one first; those of calibrations are the last. */
  readonly files: readonly string[];
}

/**
 * Reads a configuration file, the files it includes, and the calibrations that they name.
 * @throws ConfigError naming every problem, in all files at once.
 */
export async function loadConfig(
  path: string,
  environment: Environment,
  options: CheckOptions = {},
): Promise<LoadedConfig> {
  const read = await readFiles(path);
  const { files, calibrations } = await withCalibrations(read);
  const [main = read[0], ...included] = files;
  const checked = checkConfig(main, included, environment, options);
  return { ...checked, path, files: [...files.map(({ file }) => file), ...calibrations] };
}

/** Breadth first; a file that is named twice is read once. */
async function readFiles(path: string): Promise<[ConfigFile, ...ConfigFile[]]> {
  const { dirname, resolve } = await import("node:path");
  const main = await readFile(path);
  const files: [ConfigFile, ...ConfigFile[]] = [main];
  const seen = new Set([resolve(path)]);
  const problems: ConfigProblem[] = [];
  for (const file of files) {
    for (const [position, name] of includesOf(file).entries()) {
      const target = resolve(dirname(file.file), name);
      if (seen.has(target)) continue;
      seen.add(target);
      try {
        files.push(await readFile(target));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        // A file that cannot be opened is a problem of the line that names it; a file that is not YAML has problems of
        // its own.
        problems.push(
          ...error.problems.map((problem) =>
            problem.line === 0 ? file.problem(["include", position], problem.message) : problem,
          ),
        );
      }
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return files;
}

async function withCalibrations(files: readonly ConfigFile[]): Promise<{
  readonly files: readonly ConfigFile[];
  readonly calibrations: readonly string[];
}> {
  const parts = await Promise.all(files.map(readCalibrations));
  const problems = parts.flatMap((part) => part.problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    files: parts.map(({ file }) => file),
    calibrations: [...new Set(parts.flatMap(({ paths }) => paths))],
  };
}

function includesOf({ data }: ConfigFile): readonly string[] {
  const include = data["include"];
  return Array.isArray(include) ? include.filter((name) => typeof name === "string") : [];
}

async function readFile(path: string): Promise<ConfigFile> {
  const files = await import("node:fs/promises");
  const text = await files.readFile(path, "utf8").catch((error: unknown) => {
    throw new ConfigError([
      {
        file: path,
        line: 0,
        column: 0,
        key: "",
        message: `cannot be read: ${error instanceof Error ? error.message : "no reason given"}`,
      },
    ]);
  });
  return readConfigFile(text, path);
}
