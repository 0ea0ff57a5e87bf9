import * as v from "valibot";

import { ConfigError, type ConfigProblem } from "../config-error.ts";
import type { Config } from "../config.ts";
import type { ConfigFile } from "../read/config-file.ts";
import { pathOf } from "../read/path.ts";
import { isRecord, mergeData } from "../read/record.ts";
import type { Environment } from "../read/resolve-references.ts";
import { configSchema } from "../schema/config-schema.ts";
import { checkFile } from "./check-file.ts";
import { checkModelNames } from "./check-model-names.ts";

export interface CheckedConfig {
  readonly config: Config;
  /** Messages for the operator: settings without effect, variables that are not set. */
  readonly warnings: readonly string[];
  /** Locates problems that are found only later: parameters that a provider refuses. */
  readonly locateModelProblem: LocateProblem;
  /** Locates problems that are found only later: a plug-in that cannot be loaded. */
  readonly locatePluginProblem: LocateProblem;
}

/** Makes a problem with the entry at this position of a list, counted over all files of the configuration. */
export type LocateProblem = (position: number, message: string) => ConfigProblem;

/**
 * Makes one configuration from a file and the files it includes.
 * @throws ConfigError naming every problem in all of them.
 */
export function checkConfig(
  main: ConfigFile,
  included: readonly ConfigFile[],
  environment: Environment,
): CheckedConfig {
  const files = [main, ...included];
  const variables = Object.assign({}, environment, ...files.map(ownVariables).toReversed());
  const checked = files.map((file) => checkFile(file, variables));
  const problems = checked.flatMap((file) => file.problems);
  if (files.every(({ data }) => isAbsent(data["model_list"])))
    problems.push(main.problem(["model_list"], "must hold at least one model"));
  if (problems.length > 0) throw new ConfigError(problems);

  const merged = v.safeParse(configSchema, mergeData(checked.map(({ data }) => data)));
  // Files that are valid one by one can still contradict each other.
  if (!merged.success) throw new ConfigError(merged.issues.map((issue) => main.problem(pathOf(issue), issue.message)));
  const { include: _, ...config } = merged.output;
  const reasons = checked.flatMap(({ unavailable }, index) =>
    itemsOf(files[index], "model_list").map((_entry, position) => unavailable.get(position)),
  );
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
    locateModelProblem: locateIn("model_list", files, main),
    locatePluginProblem: locateIn("plugins", files, main),
  };
}

/** `environment_variables` are read first, because references anywhere may use them. */
function ownVariables({ data }: ConfigFile): Environment {
  const section = data["environment_variables"];
  if (!isRecord(section)) return {};
  return Object.fromEntries(Object.entries(section).map(([name, value]) => [name, String(value)]));
}

function locateIn(name: "model_list" | "plugins", files: readonly ConfigFile[], main: ConfigFile): LocateProblem {
  const items = files.flatMap((file) => itemsOf(file, name).map((_, position) => ({ file, position })));
  return (position, message) => {
    const item = items[position];
    return item ? item.file.problem([name, item.position], message) : main.problem([name], message);
  };
}

function itemsOf(file: ConfigFile | undefined, name: string): readonly unknown[] {
  const list = file?.data[name];
  return Array.isArray(list) ? list : [];
}

function isAbsent(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}
