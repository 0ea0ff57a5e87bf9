import { type CheckOptions, type CheckedConfig, checkConfig } from "./check/check-config.ts";
import { ConfigError } from "./config-error.ts";
import { readConfigFile } from "./read/config-file.ts";
import type { Environment } from "./read/resolve-references.ts";

export interface ParseConfigOptions extends CheckOptions {
  /** Name of the file for messages. */
  readonly file: string;
  /** Where `os.environ/NAME` is looked up. */
  readonly environment: Environment;
}

/**
 * Reads one configuration that includes no other.
 * @throws ConfigError naming every problem.
 */
export function parseConfig(text: string, { file, environment, strict }: ParseConfigOptions): CheckedConfig {
  const main = readConfigFile(text, file);
  if (main.data["include"] !== undefined)
    throw new ConfigError([
      main.problem(["include"], "can be followed only when the configuration is read from a file", "key"),
    ]);
  return checkConfig(main, [], environment, { strict });
}
