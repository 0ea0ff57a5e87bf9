import { bedrock } from "@dheera-ai/bedrock";
import { testTarget } from "@dheera-ai/core/testing";
import { type KnownModel, knownProviders } from "@dheera-ai/providers";
import { vertexAi } from "@dheera-ai/vertex";
import { volcengine } from "@dheera-ai/volcengine";
import { watsonx } from "@dheera-ai/watsonx";
import { officialProviders } from "dheera-ai";
import { describe, expect, it } from "vitest";

const known = knownProviders();

it("every official provider is known, and no other", () => {
  const official = officialProviders({ environment: {} }).map(({ name }) => name);
  expect(known.map(({ name }) => name)).toEqual(official.toSorted());
});

it("names are in order, and every provider has models or says what holds for any", () => {
  for (const { models } of known) expect(models.length).toBeGreaterThan(0);
  expect(known.find(({ name }) => name === "jina_ai")?.models[0]).toEqual({
    model: "jina-reranker-v3.5",
    context: 131_072,
    documents_per_call: 2_048,
    score_kind: "cosine",
    scoring: "listwise",
    billing: "per-token",
    price: { per_million_tokens: 0.05, date: "2026-11-25", source: "LiteLLM's price map 1.110.2" },
  });
});

it("prices are those of the provider's own address", () => {
  const priceOf = (name: string): number | undefined =>
    known.find((one) => one.name === name)?.models.find(({ model }) => model === "qwen3-rerank")?.price
      ?.per_million_tokens;
  expect([priceOf("dashscope"), priceOf("qwencloud")]).toEqual([0.069, 0.1]);
});

const packages = [
  { provider: bedrock({ environment: {} }), options: { aws_region_name: "us-west-2" } },
  { provider: volcengine({ environment: {} }), options: {} },
  { provider: vertexAi({ environment: {} }), options: { vertex_project: "p" } },
  {
    provider: watsonx({ environment: {} }),
    options: { project_id: "p" },
    apiBase: "https://us-south.ml.cloud.ibm.com",
    apiKey: "key",
  },
] as const;

describe.each(packages.map((one) => [one.provider.name, one] as const))("what is known of %s", (name, one) => {
  const models = known.find((provider) => provider.name === name)?.models ?? [];

  it.each(models.filter(({ model }) => model !== "*"))("is what its package says of $model", async (model) => {
    const { provider, ...target } = one;
    const scorer = provider.connect(testTarget({ model: model.model, ...target }));
    const { limits, scoreKind, scoring, billing, price } = await scorer.profile(new AbortController().signal);
    await scorer.close?.();
    expect({
      context: limits.tokensPerDocument,
      documents_per_call: limits.documentsPerCall,
      score_kind: scoreKind,
      scoring,
      billing,
      per_search: price?.perSearchUnit,
    }).toEqual(figuresOf(model));
  });
});

function figuresOf({ context, documents_per_call, score_kind, scoring, billing, price }: KnownModel) {
  return { context, documents_per_call, score_kind, scoring, billing, per_search: price?.per_search };
}
