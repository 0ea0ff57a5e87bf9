import type { DeploymentStatus } from "@dheera-ai/core";
import { type MeasuredModel, worstCost } from "@dheera-ai/eval";
import type { Gateway } from "@dheera-ai/proxy";

import { type Entry, type ResolvedModel, resolveModel } from "./resolve-model.ts";

type WorstCost = NonNullable<MeasuredModel["worstCost"]>;

/**
 * What a request of each of these models costs at most, by the prices of the configuration and of its providers.
 * Profiles must have been asked for before.
 */
export function worstCosts(gateway: Gateway, names: readonly string[]): ReadonlyMap<string, WorstCost> {
  return new Map(names.map((name) => [name, costOfModel(name, gateway)]));
}

/** A model that asks others costs what all of them do. Core has refused those that lead back to themselves. */
function costOfModel(name: string, gateway: Gateway): WorstCost {
  const model = resolveModel(name, gateway);
  if (model.members.length > 0) {
    const parts = model.members.map((member) => costOfModel(member, gateway));
    return (request) => sum(parts.map((part) => part(request)));
  }
  const costs = model.deployments.map((status) => costOfDeployment(status, model, gateway));
  return costs.length === 0 ? () => undefined : (request) => dearest(costs.map((cost) => cost(request)));
}

function costOfDeployment(
  { profile, provider, apiBase, id }: DeploymentStatus,
  { entries, deployments: { length: replicas } }: ResolvedModel,
  { config }: Gateway,
): WorstCost {
  // Also where a wildcard stands for it, of whose models no profile is known before they are asked.
  if (apiBase === undefined && (provider === "bm25" || provider === "local") && !profile?.price) return () => 0;
  if (!profile) return () => undefined;
  // A server of one's own: no request of it is billed.
  if (profile.billing === "compute" && !profile.price) return apiBase !== undefined ? () => 0 : () => undefined;
  const named = entries.filter(({ model_info }) => model_info?.id === id);
  const params = (named.length > 0 ? named : entries).map((entry) => entry.dheera_ai_params);
  // Tokens of text that a prompt puts around each document are paid for as well, and nothing says how many they are.
  if ((profile.price?.perToken ?? 0) > 0 && (provider === "llm" || params.some(hasPrompt))) return () => undefined;
  const attempts = replicas * Math.max(...params.map((each) => attemptsOf(each, config)));
  const isSplit = params.some(({ long_documents: long }) => long === "chunk_max");
  const chunksPerDocument = isSplit
    ? Math.min(defaultChunks, config.general_settings.max_chunks_per_doc ?? defaultChunks)
    : 1;
  return (request) => worstCost(request, { profile, attempts, replicas, chunksPerDocument });
}

/** Chunks of a document, of a request that does not say how many. */
const defaultChunks = 10;

/** Whether an entry names a prompt or an instruction, which stands beside each document. */
function hasPrompt({ provider_options: own, ...params }: Entry["dheera_ai_params"]): boolean {
  return Object.entries({ ...params, ...own }).some(
    ([key, value]) => /prompt|instruction/.test(key) && value !== undefined && value !== null,
  );
}

/** How often one deployment may be called for the same documents. */
function attemptsOf(
  params: Entry["dheera_ai_params"],
  { router_settings, dheera_ai_settings }: Gateway["config"],
): number {
  const { num_retries = dheera_ai_settings.num_retries ?? defaultRetries } = router_settings;
  return (1 + Math.max(params.max_retries ?? num_retries, 0)) * (params.hedge === true ? 2 : 1);
}

/** Of `router_settings.num_retries`. */
const defaultRetries = 2;

/** Undefined as soon as one is not known. */
function dearest(costs: readonly (number | undefined)[]): number | undefined {
  return costs.reduce((most, cost) => (most === undefined || cost === undefined ? undefined : Math.max(most, cost)), 0);
}

function sum(costs: readonly (number | undefined)[]): number | undefined {
  return costs.reduce((total, cost) => (total === undefined || cost === undefined ? undefined : total + cost), 0);
}
