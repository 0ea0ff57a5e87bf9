import type { Combination } from "../combination.ts";
import { readDiversify } from "../diversify/read-diversity.ts";
import { type ParamSpec, deploymentParams } from "../deployment/params.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import type { DheeraOptions } from "../options.ts";
import type { ModelEntry } from "../routing/settings.ts";
import { idOfEntry } from "../routing/entry-id.ts";
import { findWildcard, isWildcard } from "../routing/wildcards.ts";
import { readCalibration } from "../response/read-calibration.ts";
import { type CombinedEntry, combinationOf } from "./combined-models.ts";

/** The keys of core that mean something for a model that asks others. */
const combinedParams = Object.entries<ParamSpec>(deploymentParams).flatMap(([key, { isOfCombined }]) =>
  isOfCombined ? [key] : [],
);
/** Combined models within each other, and questions to models that one request may become. */
const mostLevels = 5;
const mostAsked = 32;

/** Why an entry cannot serve. */
export interface CombinedProblem {
  readonly entry: ModelEntry;
  readonly error: DheeraError;
}

export interface ConnectedCombined {
  readonly models: ReadonlyMap<ModelEntry, ConnectedModel>;
  readonly problems: readonly CombinedProblem[];
}

export type ConnectedModel = Pick<CombinedEntry, "model" | "calibration" | "combination">;

/**
 * Connects the combined models of a `model_list`, and checks that each asks models that are there, none leads back to itself,
 * and no request becomes too many. Plain entries are left alone.
 */
export function connectCombined({
  model_list: modelList = [],
  combinations = [],
  router_settings: router = {},
}: Pick<DheeraOptions, "model_list" | "combinations" | "router_settings">): ConnectedCombined {
  const memberOf = membersIn(modelList, combinations, new Map(Object.entries(router.model_group_alias ?? {})));
  const models = new Map<ModelEntry, ConnectedModel>();
  const problems: CombinedProblem[] = [];
  for (const entry of modelList) {
    const combination = combinationOf(entry, combinations);
    if (!combination) continue;
    try {
      models.set(entry, connect(entry, combination, modelList));
    } catch (error) {
      if (!isDheeraError(error)) throw error;
      problems.push({ entry, error });
    }
  }
  const asked = new Map([...models].map(([entry, { model }]) => [entry.model_name, model.models]));
  for (const entry of models.keys()) {
    const message = unknownMember(entry, asked, modelList, memberOf) ?? tooDeep(entry, asked, memberOf);
    if (message !== undefined) problems.push({ entry, error: refusal("model", message) });
  }
  return { models, problems };
}

/** The model name that the name of a member stands for; undefined where it stands for none. */
type MemberOf = (name: string) => string | undefined;

/** Members are found as requests find models: by alias, then by model name, id, or as one that an asterisk stands for. */
function membersIn(
  modelList: readonly ModelEntry[],
  combinations: readonly Combination[],
  aliases: ReadonlyMap<string, string>,
): MemberOf {
  const names = new Set(modelList.map((entry) => entry.model_name));
  const wildcards = [...names].filter(isWildcard);
  const byId = namesById(modelList, combinations);
  return (name) => {
    const model = aliases.get(name) ?? name;
    if (isWildcard(model)) return undefined;
    if (names.has(model)) return model;
    return byId.get(model) ?? (findWildcard(wildcards, model) === undefined ? undefined : model);
  };
}

/**
 * The model name of each id, which for a combined model may be one that was made for it. Of two with the same id the plain
 * entry counts, then the first; one that stands for many models is not found by its id.
 */
function namesById(
  modelList: readonly ModelEntry[],
  combinations: readonly Combination[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (id: string | undefined, name: string): void => {
    if (id !== undefined && !names.has(id)) names.set(id, name);
  };
  const entries = modelList.filter((entry) => !isWildcard(entry.model_name));
  const isCombined = (entry: ModelEntry): boolean => combinationOf(entry, combinations) !== undefined;
  for (const entry of entries) if (!isCombined(entry)) add(entry.model_info?.id, entry.model_name);
  for (const entry of entries) if (isCombined(entry)) add(idOfEntry(entry), entry.model_name);
  return names;
}

function connect(entry: ModelEntry, combination: Combination, modelList: readonly ModelEntry[]): ConnectedModel {
  const { model_name: name, dheera_ai_params: params } = entry;
  if (isWildcard(name))
    throw refusal("model_name", `${name} asks other models, so that it needs a name of its own, without an asterisk`);
  if (modelList.some((other) => other !== entry && other.model_name === name))
    throw refusal(
      "model_name",
      `${name} stands at another entry too; a model that asks others has its name for itself, and its replicas are those of the models that it asks`,
    );
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(params)) {
    if (key === "model" || combinedParams.includes(key) || value === undefined) continue;
    if (combination.optionNames.includes(key)) options[key] = value;
    else throw refusal(key, unknownKey(key, params.model, combination));
  }
  const calibration = readCalibration(params.calibration);
  readDiversify(params.diversify);
  return { model: combination.connect(options), calibration, combination: combination.name };
}

function unknownKey(key: string, model: string, { optionNames }: Combination): string {
  const read = [...optionNames, ...combinedParams].join(", ");
  return Object.hasOwn(deploymentParams, key)
    ? `${model} asks other models and calls no server of its own; set ${key} at those models (it reads ${read})`
    : `${model} does not read it; it reads ${read}`;
}

function unknownMember(
  { model_name: name, dheera_ai_params: { model } }: ModelEntry,
  asked: ReadonlyMap<string, readonly string[]>,
  modelList: readonly ModelEntry[],
  memberOf: MemberOf,
): string | undefined {
  const unknown = asked.get(name)?.find((member) => memberOf(member) === undefined);
  if (unknown === undefined) return undefined;
  const names = [...new Set(modelList.map((entry) => entry.model_name))].filter((other) => other !== name);
  return `${model} asks the model ${JSON.stringify(unknown.slice(0, 200))}, which no entry of model_list serves; there are: ${names.slice(0, 20).join(", ") || "none"}`;
}

/** What is wrong with the models that it asks, and those that they ask; undefined where nothing is. */
function tooDeep(
  { model_name: name, dheera_ai_params: { model } }: ModelEntry,
  asked: ReadonlyMap<string, readonly string[]>,
  memberOf: MemberOf,
): string | undefined {
  /** Models that a request to this one asks at most; a text where they cannot be counted. It ends soon: both limits end it. */
  const count = (of: string, path: readonly string[]): number | string => {
    if (path.includes(of)) return `leads back to itself: ${[...path, of].join(" → ")}`;
    const members = asked.get(of);
    if (!members) return 1;
    if (path.length >= mostLevels) return `asks models that ask models, more than ${mostLevels} levels deep`;
    let sum = 0;
    for (const member of members) {
      const more = count(memberOf(member) ?? member, [...path, of]);
      if (typeof more === "string") return more;
      sum += more;
      if (sum > mostAsked) return `makes more than ${mostAsked} questions of one request; ask fewer models`;
    }
    return sum;
  };
  const counted = count(name, []);
  return typeof counted === "string" ? `${model} ${counted}` : undefined;
}

function refusal(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}
