import type { Provider } from "@dheera-ai/core";

import type { LocateProblem } from "../../config/check/check-config.ts";
import { ConfigError, type ConfigProblem } from "../../config/config-error.ts";
import type { ConfiguredModel } from "../../config/config.ts";
import { checkShadows } from "./check-shadows.ts";
import { type PreparedModels, type Surroundings, prepareModels } from "./prepare-models.ts";

/** An added deployment that cannot serve, and why. */
export interface RefusedModel {
  readonly id: string;
  readonly modelName: string;
  /** `<provider>/<model>`; empty where it cannot be read. */
  readonly model: string;
  readonly reason: string;
  /** What `/model/info` shows of it beside that. */
  readonly info: Readonly<Record<string, unknown>>;
}

export interface PreparedWithAdded extends PreparedModels {
  readonly refused: readonly RefusedModel[];
}

/**
 * Prepares the deployments of the configuration, and those that were added as far as they can be served beside them: what somebody added
 * never keeps what the configuration says from serving.
 * @throws ConfigError for the configuration's own, which must do without any added one
 */
export function prepareWithAdded(
  own: readonly ConfiguredModel[],
  added: readonly ConfiguredModel[],
  providers: readonly Provider[],
  place: LocateProblem,
  surroundings: Surroundings,
): PreparedWithAdded {
  const attempt = (models: readonly ConfiguredModel[], locate: LocateProblem): PreparedModels => {
    const prepared = prepareModels(models, providers, locate, surroundings);
    const aliases = Object.keys(surroundings.router?.model_group_alias ?? {});
    checkShadows(models, [...new Set(prepared.entries.map(({ model_name: name }) => name)), ...aliases], locate);
    return prepared;
  };
  const alone = attempt(own, place);
  if (added.length === 0) return { ...alone, refused: [] };

  const refused: RefusedModel[] = [];
  let kept = added.filter((model) => {
    const isTaken = own.some(({ model_info }) => model_info?.id === model.model_info?.id);
    if (isTaken) refused.push(refusal(model, "its id is that of a deployment of the configuration"));
    return !isTaken;
  });
  for (;;) {
    const outcome = tryBeside(own, kept, place, attempt);
    if (outcome.prepared) return { ...outcome.prepared, refused: [...refused, ...leftOut(kept, outcome.prepared)] };
    if (outcome.refusals.size === 0) break;
    for (const [model, reason] of outcome.refusals) refused.push(refusal(model, reason));
    kept = kept.filter((model) => !outcome.refusals.has(model));
  }

  // What is wrong was found at an entry of the configuration, such as a name that only one may have: each is tried by itself.
  let prepared = alone;
  const accepted: ConfiguredModel[] = [];
  for (const model of kept) {
    const outcome = tryBeside(own, [...accepted, model], place, attempt);
    if (outcome.prepared) {
      prepared = outcome.prepared;
      accepted.push(model);
    } else refused.push(refusal(model, outcome.refusals.get(model) ?? outcome.reason));
  }
  return { ...prepared, refused: [...refused, ...leftOut(accepted, prepared)] };
}

interface Outcome {
  readonly prepared?: PreparedModels;
  /** Of added ones. */
  readonly refusals: ReadonlyMap<ConfiguredModel, string>;
  readonly reason: string;
}

function tryBeside(
  own: readonly ConfiguredModel[],
  added: readonly ConfiguredModel[],
  place: LocateProblem,
  attempt: (models: readonly ConfiguredModel[], locate: LocateProblem) => PreparedModels,
): Outcome {
  const places = new Map<ConfigProblem, ConfiguredModel>();
  const locate: LocateProblem = (position, message) => {
    const model = added[position - own.length];
    if (model === undefined) return place(position, message);
    const problem = locateAdded(model, message);
    places.set(problem, model);
    return problem;
  };
  try {
    return { prepared: attempt([...own, ...added], locate), refusals: new Map(), reason: "" };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const refusals = new Map<ConfiguredModel, string>();
    for (const problem of error.problems) {
      const model = places.get(problem);
      if (model) refusals.set(model, [refusals.get(model), problem.message].filter(Boolean).join("; "));
    }
    return { refusals, reason: error.problems.map(({ message }) => message).join("; ") };
  }
}

/** Those that are not for reranking here. */
function leftOut(added: readonly ConfiguredModel[], { served, unserved }: PreparedModels): readonly RefusedModel[] {
  const ids = new Set(served.map(({ model_info }) => model_info?.id));
  return added
    .filter(({ model_info }) => !ids.has(model_info?.id))
    .map((model) => refusal(model, unserved.get(model.model_name) ?? "it is not for reranking"));
}

function refusal(
  { model_name: modelName, model_info: info = {}, dheera_ai_params: { model } }: ConfiguredModel,
  reason: string,
): RefusedModel {
  const { id, ...others } = info;
  return { id: id ?? "", modelName, model, reason, info: others };
}

/** What messages call an added deployment, in place of a file and a line. */
export function locateAdded({ model_info }: Pick<ConfiguredModel, "model_info">, message: string): ConfigProblem {
  return { file: `model ${model_info?.id ?? ""} of the database`, line: 1, column: 1, key: "", message };
}
