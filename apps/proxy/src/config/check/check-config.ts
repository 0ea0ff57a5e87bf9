import * as v from "valibot";

import { rateLimitRedis } from "../../access/limits/redis-address.ts";
import { ConfigError, type ConfigProblem } from "../config-error.ts";
import type { Config, ConfiguredModel } from "../config.ts";
import type { ConfigFile } from "../read/config-file.ts";
import { pathOf } from "../read/path.ts";
import { isRecord, mergeData } from "../read/record.ts";
import type { Environment } from "../read/resolve-references.ts";
import { type WrittenConfig, configSchema } from "../schema/config-schema.ts";
import { batchProblems } from "./check-batches.ts";
import { type CheckedFile, checkFile } from "./check-file.ts";
import { checkModelNames } from "./check-model-names.ts";
import { type CommonParams, completeEntry } from "./complete-entry.ts";
import { findLeftOut } from "./not-for-reranking.ts";

export interface CheckOptions {
  /** Every key that is not known is a mistake, also under the names of LiteLLM. */
  readonly strict?: boolean | undefined;
}

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
  { strict = false }: CheckOptions = {},
): CheckedConfig {
  const files = [main, ...included];
  const variables = Object.assign({}, environment, ...files.map(ownVariables).toReversed());
  const isStrict = strict || files.some(isStrictByItself);
  const leftOut = findLeftOut(files.map(({ data }) => data));
  const checked = files.map((file) => checkFile(file, variables, isStrict, leftOut));
  const problems = checked.flatMap((file) => file.problems);
  if (files.every(({ data }) => isAbsent(data["model_list"])))
    problems.push(main.problem(["model_list"], "must hold at least one model"));
  if (problems.length > 0) throw new ConfigError(problems);

  const merged = v.safeParse(configSchema, mergeData(checked.map(({ data }) => data)));
  // Files that are valid one by one can still contradict each other.
  if (!merged.success) throw new ConfigError(merged.issues.map((issue) => main.problem(pathOf(issue), issue.message)));
  const contradictions = batchProblems(merged.output, rateLimitRedis(merged.output) !== undefined, files);
  if (contradictions.length > 0) throw new ConfigError(contradictions);
  const { include: _include, credential_list: _credentials, router_settings, ...config } = merged.output;
  const { default_dheera_ai_params: _defaults, ...router } = router_settings;
  const settings = withoutGlobalParams(config.dheera_ai_settings);
  const entriesInFiles = placesOf("model_list", files);
  const unavailable = reasonsOf("model_list", files, checked, "unavailable");
  const common = commonParams(
    merged.output,
    reasonsOf("credential_list", files, checked, "unusableCredentials"),
    variables,
  );
  const completed = config.model_list.map((entry) => completeEntry(entry, common));
  const locked = checked.find((file) => file.locked !== undefined)?.locked;
  return {
    config: {
      ...config,
      router_settings: router,
      dheera_ai_settings: settings,
      general_settings: {
        litellm_response_headers: files.some(({ hasLitellmNames }) => hasLitellmNames),
        ...config.general_settings,
      },
      model_list: completed.map(({ entry, unavailable: reason }, position): ConfiguredModel => {
        const why = unavailable[position] ?? reason;
        return why === undefined ? entry : { ...entry, unavailable: why };
      }),
      ...(locked !== undefined && config.general_settings.master_key === undefined && { locked }),
    },
    warnings: [
      ...checked.flatMap((file) => file.warnings),
      ...completed.flatMap(({ entry, unavailable: reason }, position) =>
        reason === undefined || leftOut.hasEntry(entry)
          ? []
          : (entriesInFiles[position]?.file ?? main).warning(
              ["model_list", entriesInFiles[position]?.position ?? position],
              `cannot serve: ${reason}`,
            ),
      ),
      ...files.flatMap((file, index) => warningsOf(file, checked[index]?.data, merged.output)),
    ],
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

function isStrictByItself({ data }: ConfigFile): boolean {
  const settings = data["dheera_ai_settings"];
  return isRecord(settings) && [true, "true"].some((value) => settings["strict"] === value);
}

function commonParams(
  { credential_list, router_settings, dheera_ai_settings }: WrittenConfig,
  unusable: readonly (string | undefined)[],
  variables: Environment,
): CommonParams {
  return {
    credentials: credential_list.map((credential, position) => ({ ...credential, unusable: unusable[position] })),
    defaults: router_settings.default_dheera_ai_params ?? {},
    useLitellmProxy: dheera_ai_settings.use_litellm_proxy ?? variables["USE_LITELLM_PROXY"]?.toLowerCase() === "true",
    globals: dheera_ai_settings,
    environment: variables,
  };
}

/** The settings that stay: the others are parameters of deployments now, keys among them. */
function withoutGlobalParams(settings: WrittenConfig["dheera_ai_settings"]): Config["dheera_ai_settings"] {
  const {
    api_base: _base,
    api_key: _key,
    cohere_key: _cohere,
    huggingface_key: _huggingface,
    infinity_key: _infinity,
    headers: _headers,
    ...others
  } = settings;
  return others;
}

/** What one file says that means nothing: names of models that are not there, keys that have expired. */
function warningsOf(
  file: ConfigFile,
  data: unknown,
  { general_settings, model_list, router_settings }: WrittenConfig,
): readonly string[] {
  const parsed = v.safeParse(configSchema, data);
  if (!parsed.success) return [];
  const known = [
    ...model_list.map((entry) => entry.model_name),
    ...Object.keys(router_settings.model_group_alias ?? {}),
  ];
  const expired = parsed.output.general_settings.keys.flatMap(({ name, expires }, index) =>
    expires !== undefined && expires <= Date.now()
      ? [file.warning(["general_settings", "keys", index, "expires"], `has passed: the key ${name} lets nobody in`)]
      : [],
  );
  const idle = general_settings.database_url === undefined ? withoutDatabase(parsed.output, file) : [];
  return [...checkModelNames(parsed.output, known, file), ...expired, ...idle, ...withoutEffect(parsed.output, file)];
}

/** Ways to prove who one is that lack something. */
function withoutEffect({ general_settings: settings }: WrittenConfig, file: ConfigFile): readonly string[] {
  const missing = (name: "sso" | "enable_jwt_auth", needed: "database_url" | "proxy_base_url" | "jwt_auth") =>
    settings[name] && settings[needed] === undefined
      ? [file.warning(["general_settings", name], `has no effect without general_settings.${needed}`)]
      : [];
  return [
    ...missing("sso", "database_url"),
    ...missing("sso", "proxy_base_url"),
    ...missing("enable_jwt_auth", "database_url"),
    ...missing("enable_jwt_auth", "jwt_auth"),
  ];
}

/** What keys say that has an effect only with a database. */
function withoutDatabase({ general_settings: { keys } }: WrittenConfig, file: ConfigFile): readonly string[] {
  return keys.flatMap((key, index) =>
    (["max_budget", "team_id", "user_id"] as const)
      .filter((name) => key[name] !== undefined)
      .map((name) =>
        file.warning(
          ["general_settings", "keys", index, name],
          "has no effect without general_settings.database_url, where spend and teams are kept",
        ),
      ),
  );
}

interface PlaceInFile {
  readonly file: ConfigFile;
  readonly position: number;
}

/** Where each entry of a list stands that is joined over all files. */
function placesOf(name: ListName, files: readonly ConfigFile[]): readonly PlaceInFile[] {
  return files.flatMap((file) => itemsOf(file, name).map((_, position) => ({ file, position })));
}

/** What was said of each entry of such a list. */
function reasonsOf(
  name: ListName,
  files: readonly ConfigFile[],
  checked: readonly CheckedFile[],
  reasons: "unavailable" | "unusableCredentials",
): readonly (string | undefined)[] {
  return files.flatMap((file, index) =>
    itemsOf(file, name).map((_, position) => checked[index]?.[reasons].get(position)),
  );
}

function locateIn(name: ListName, files: readonly ConfigFile[], main: ConfigFile): LocateProblem {
  const items = placesOf(name, files);
  return (position, message) => {
    const item = items[position];
    return item ? item.file.problem([name, item.position], message) : main.problem([name], message);
  };
}

type ListName = "model_list" | "plugins" | "credential_list";

function itemsOf(file: ConfigFile | undefined, name: ListName): readonly unknown[] {
  const list = file?.data[name];
  return Array.isArray(list) ? list : [];
}

function isAbsent(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.length === 0);
}
