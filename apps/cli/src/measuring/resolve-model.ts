import type { DeploymentStatus } from "@dheera-ai/core";
import type { Config, Gateway } from "@dheera-ai/proxy";

export type Entry = Config["model_list"][number];

/** What stands behind a model name. */
export interface ResolvedModel {
  /** The entries of `model_list` that serve it; none where no entry does. */
  readonly entries: readonly Entry[];
  /** Their deployments; none of a model that asks others. One of a wildcard is all its models together. */
  readonly deployments: readonly DeploymentStatus[];
  /** The names by which it asks other models; none of a model that ranks by itself. */
  readonly members: readonly string[];
}

/** Finds it as a request does: by alias, model name, configured id, or a model name with an asterisk. */
export function resolveModel(name: string, { config, dheera }: Pick<Gateway, "config" | "dheera">): ResolvedModel {
  const { model_list: all, router_settings: router } = config;
  const model = router.model_group_alias?.[name] ?? name;
  const own = all.filter(({ model_name }) => model_name === model);
  const byId = own.length > 0 ? undefined : all.find(({ model_info }) => model_info?.id === model);
  const serving = byId?.model_name ?? (own.length > 0 ? model : dheera.wildcardOf(model));
  const entries = byId ? [byId] : all.filter(({ model_name }) => model_name === serving);
  const deployments = dheera
    .deployments()
    .filter(({ modelName, id }) => modelName === serving && (byId === undefined || id === model));
  const combined = dheera.combinedModels().find(({ modelName }) => modelName === serving);
  return { entries, deployments, members: combined?.members ?? [] };
}

/** These model names, and those that they ask, however deep. */
export function withMembers(
  names: readonly string[],
  gateway: Pick<Gateway, "config" | "dheera">,
): ReadonlyMap<string, ResolvedModel> {
  const found = new Map(names.map((name) => [name, resolveModel(name, gateway)]));
  // The map grows while it is walked.
  for (const { members } of found.values())
    for (const member of members) if (!found.has(member)) found.set(member, resolveModel(member, gateway));
  return found;
}
