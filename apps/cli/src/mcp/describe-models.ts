import type { Dheera, Profile } from "@dheera-ai/core";
import type { McpModel } from "@dheera-ai/mcp";
import { type KnownModel, type KnownProvider, knownProviders } from "@dheera-ai/providers";

import type { Terminal } from "../terminal.ts";

/** Models that can be asked without a configuration: the one that needs nothing, and those whose key is in the environment. */
export function officialModels(environment: Terminal["environment"]): readonly McpModel[] {
  const reachable = knownProviders().filter(
    (provider) => provider.package === undefined && provider.api_key_env.some((name) => environment[name]),
  );
  const named = reachable.flatMap((provider) => {
    const known = provider.models.filter(({ model, deprecated }) => !model.includes("*") && deprecated === undefined);
    if (known.length > 0) return known.map((model) => described(`${provider.name}/${model.model}`, provider, model));
    const { api_base, api_base_env } = provider;
    const hasAddress = api_base !== undefined || api_base_env.some((name) => environment[name]);
    return hasAddress ? [anyOf(provider)] : [];
  });
  return [describeModel("bm25/default"), ...named];
}

/** A provider none of whose models is known by name. */
function anyOf({ name, label }: KnownProvider): McpModel {
  const example = `${name}/${examples[name] ?? "my-reranker"}`;
  return { name: `${name}/…`, description: `any model of ${label}: write its name in place of …, as in ${example}` };
}

const examples: Readonly<Record<string, string>> = {
  fireworks_ai: "accounts/fireworks/models/qwen3-reranker-8b",
  huggingface: "BAAI/bge-reranker-base",
  llm: "gpt-4.1-mini",
  mixedbread: "mixedbread-ai/mxbai-rerank-large-v2",
};

/** What is known of `<provider>/<model>` without asking anybody. */
export function describeModel(name: string): McpModel {
  const [prefix = "", ...rest] = name.split("/");
  return describeAs(name, prefix, rest.join("/"));
}

/** The model names of a configuration, each by its first deployment, or by what it asks. */
export function describeConfigured(dheera: Dheera): readonly McpModel[] {
  const deployments = Map.groupBy(dheera.deployments(), ({ modelName }) => modelName);
  const combined = new Map(dheera.combinedModels().map((status) => [status.modelName, status]));
  return dheera.models().map((name) => {
    const asks = combined.get(name);
    if (asks) return { name, description: `combines ${asks.members.join(", ")}` };
    const [first] = deployments.get(name) ?? [];
    return first ? describeAs(name, first.provider, first.model, first.profile) : { name };
  });
}

function describeAs(name: string, prefix: string, model: string, profile?: Profile): McpModel {
  const provider = knownProviders().find((known) => known.name === prefix);
  const known = provider?.models.find((one) => one.model === model) ?? provider?.models.at(-1);
  if (!provider || !known) return { name };
  const facts = described(name, provider, known, model);
  const context = profile?.limits?.tokensPerDocument;
  return { ...facts, ...(context !== undefined && { context }) };
}

function described(name: string, provider: KnownProvider, known: KnownModel, model = known.model): McpModel {
  const { context, price } = known;
  return {
    name,
    description: descriptions[`${provider.name}/${model}`] ?? sentenceOf(provider, known, model),
    ...(context !== undefined && { context }),
    ...(price && { price: pricesOf(price) }),
  };
}

const descriptions: Readonly<Record<string, string>> = {
  "bm25/default":
    "counts words that query and document share: free, at once and without a network, but blind to meaning; good for exact words and for a first try",
};

function sentenceOf({ label, runs_here }: KnownProvider, { scoring }: KnownModel, model: string): string {
  const kind = scoring === "listwise" ? "reads all documents together" : "reads each document with the query";
  return `${model}, ${runs_here ? "on this machine" : `of ${label}`}: ${kind}`;
}

function pricesOf({ per_search, per_million_tokens }: NonNullable<KnownModel["price"]>): McpModel["price"] {
  return {
    ...(per_search !== undefined && { per_search }),
    ...(per_million_tokens !== undefined && { per_million_tokens }),
  };
}
