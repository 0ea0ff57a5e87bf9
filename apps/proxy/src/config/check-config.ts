import * as v from "valibot";

import { checkFile } from "./check-file.ts";
import { checkModelNames } from "./check-model-names.ts";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import type { ConfigFile } from "./config-file.ts";
import type { Config } from "./config.ts";
import { mergeData } from "./merge-data.ts";
import { isRecord } from "./record.ts";
import type { Environment } from "./resolve-references.ts";
import { configSchema } from "./schema/config-schema.ts";

export interface CheckedConfig {
  readonly config: Config;
  /** What an operator should know: settings without effect, variables that are not set. */
  readonly warnings: readonly string[];
  /** Places a problem that shows only later, such as parameters that a provider refuses. */
  readonly placeModelProblem: PlaceModelProblem;
}

/** A problem with the entry at this position of `model_list`. */
export type PlaceModelProblem = (position: number, message: string) => ConfigProblem;

/**
 * Makes one configuration of a file and those it includes.
 * @throws ConfigError naming everything that is wrong in all of them.
 */
export function checkConfig(main: ConfigFile, included: readonly ConfigFile[], environment: Environment): CheckedConfig {
  const files = [main, ...included];
  const variables = Object.assign({}, environment, ...files.map(ownVariables).toReversed());
  const checked = files.map((file) => checkFile(file, variables));
  const problems = checked.flatMap((file) => file.problems);
  const entries = files.flatMap((file) => modelsOf(file).map((_, position) => ({ file, position })));
  if (files.every(({ data }) => isAbsent(data["model_list"]))) problems.push(main.problem(["model_list"], "must hold at least one model"));
  if (problems.length > 0) throw new ConfigError(problems);

  const { include: _, ...config } = v.parse(configSchema, mergeData(checked.map(({ data }) => data)));
  const reasons = checked.flatMap(({ unavailable }, index) => modelsOf(files[index]).map((_entry, position) => unavailable.get(position)));
  const locked = checked.find((file) => file.locked !== undefined)?.locked;
  return {
    config: {
      ...config,
      model_list: config.model_list.map((entry, position) => {
        const unavailable = reasons[position];
        return unavailable === undefined ? entry : { ...entry, unavailable };
      }),
      ...(locked !== undefined && config.general_settings.master_key === undefined && { locked }),
    },
    warnings: [...checked.flatMap((file) => file.warnings), ...checkModelNames(config)],
    placeModelProblem(position, message) {
      const entry = entries[position];
      return entry ? entry.file.problem(["model_list", entry.position], message) : main.problem(["model_list"], message);
    },
  };
}

/** `environment_variables` may be used by references anywhere, so they are read first. */
function ownVariables({ data }: ConfigFile): Environment {
  const section = data["environment_variables"];
  if (!isRecord(section)) return {};
  return Object.fromEntries(Object.entries(section).map(([name, value]) => [name, String(value)]));
}

function modelsOf(file: ConfigFile | undefined): readonly unknown[] {
  const list = file?.data["model_list"];
  return Array.isArray(list) ? list : [];
}

function isAbsent(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}
