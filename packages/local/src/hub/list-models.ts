import { DheeraError, isDheeraError } from "@dheera-ai/core";

import type { WeightsWish } from "../model/choose-weights.ts";
import { readCpu } from "../model/cpu.ts";
import { describeModel } from "../model/describe-model.ts";
import type { Dtype, ModelDescription } from "../model/description.ts";
import { findModel } from "../model/find-model.ts";
import { hubCacheFolder, isCommit, repositoryFolder } from "../model/hub-cache.ts";
import { parseReference } from "./cache/names.ts";
import { type CachedModel, type CachedRevision, scanCache, scanModel } from "./cache/scan.ts";
import type { HubOptions } from "./hub-options.ts";

/** One revision of a model on this machine, which another program may have downloaded. */
export interface LocalModel {
  /** `<organization>/<name>`. */
  readonly name: string;
  /** Branches and tags that are this commit. */
  readonly refs: readonly string[];
  readonly commit: string;
  readonly kind: ModelDescription["kind"] | undefined;
  /** The file of weights that is used on this machine. */
  readonly weights: string | undefined;
  readonly dtype: Dtype | undefined;
  /** Tokens that the model reads at once. */
  readonly tokens: number | undefined;
  /** Of all its files; other revisions may share some. */
  readonly bytes: number;
  /** When its files were read last, as far as the file system remembers; undefined where it has none. */
  readonly lastUsed: Date | undefined;
  /** Why it cannot be used; undefined where it can. */
  readonly problem: string | undefined;
}

/** The models in the cache of the Hub, by name. */
export async function listModels({ environment }: HubOptions): Promise<readonly LocalModel[]> {
  const models = await scanCache(hubCacheFolder(environment));
  const described: LocalModel[] = [];
  for (const model of models)
    for (const revision of model.revisions) described.push(await describeRevision(model, revision, {}, environment));
  return described;
}

/**
 * A model that is on this machine; its `problem` says whether it can be used.
 * @param text `<organization>/<name>[@revision]`
 * @throws DheeraError `model_not_found` where it is not
 */
export async function findLocalModel(text: string, options: HubOptions & WeightsWish): Promise<LocalModel> {
  const { environment } = options;
  const { name, revision = "main" } = parseReference(text);
  const model = await scanModel(repositoryFolder(hubCacheFolder(environment), name), name);
  const found = model.revisions.find(({ commit, refs }) => (isCommit(revision) ? commit : refs).includes(revision));
  if (found) return describeRevision(model, found, options, environment);
  throw new DheeraError("model_not_found", `${name} is not on this machine in the revision ${revision}`, {
    param: "model",
  });
}

async function describeRevision(
  { name }: CachedModel,
  { commit, refs, stored }: CachedRevision,
  wish: WeightsWish,
  environment: HubOptions["environment"],
): Promise<LocalModel> {
  const what = await describe(`${name}@${commit}`, wish, environment);
  const times = stored.map(({ lastUsed }) => lastUsed);
  return {
    name,
    refs,
    commit,
    ...what,
    bytes: stored.reduce((sum, { bytes }) => sum + bytes, 0),
    lastUsed: times.length === 0 ? undefined : new Date(Math.max(...times)),
  };
}

type What = Pick<LocalModel, "kind" | "weights" | "dtype" | "tokens" | "problem">;

async function describe(name: string, wish: WeightsWish, environment: HubOptions["environment"]): Promise<What> {
  try {
    const { kind, weights, tokens } = await describeModel(
      await findModel(name, { environment }),
      wish,
      await readCpu(),
    );
    return { kind, weights: weights.file, dtype: weights.dtype, tokens, problem: undefined };
  } catch (error) {
    if (!isDheeraError(error)) throw error;
    return { kind: undefined, weights: undefined, dtype: undefined, tokens: undefined, problem: error.message };
  }
}
