import type { DeploymentStatus, Profile, RouterSettings } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { MostCosts, probableTokens } from "./most-cost.ts";

const unknownCost = 0.01;
const request = { query: "q".repeat(40), documents: ["a".repeat(400), "b".repeat(400)] };

describe("the most that a request may cost", () => {
  it("is that of the dearest deployment of its model", () => {
    const costs = costsOf({ bge: [perSearch(0.001), perSearch(0.003), perSearch(0.002)] });
    expect(costs.of(request, "bge")).toBe(0.003);
  });

  it("is that of a fallback where one is dearer, the request's own in place of those configured", () => {
    const models = { bge: [perSearch(0.001)], dear: [perSearch(0.005)], dearest: [perSearch(0.009)] };
    const costs = costsOf(models, { fallbacks: [{ bge: ["dear"] }] });
    expect(costs.of(request, "bge")).toBe(0.005);
    expect(costs.of({ ...request, disable_fallbacks: true }, "bge")).toBe(0.001);
    expect(costs.of({ ...request, fallbacks: ["dearest"] }, "bge")).toBe(0.009);
    expect(costs.of({ ...request, fallbacks: [{ bge: ["dearest"] }] }, "bge")).toBe(0.009);
    expect(costsOf(models, { default_fallbacks: ["dear"] }).of(request, "bge")).toBe(0.005);
  });

  it("finds what an alias and an asterisk stand for", () => {
    const costs = costsOf({ "cohere/*": [perSearch(0.002)] }, { model_group_alias: { mine: "cohere/*" } });
    expect([costs.of(request, "mine"), costs.of(request, "cohere/rerank")]).toEqual([0.002, 0.002]);
  });

  it("is the sum over the members of a combined model", () => {
    const costs = costsOf({ cheap: [perSearch(0.001)], good: [perSearch(0.004)] }, {}, { both: ["cheap", "good"] });
    expect(costs.of(request, "both")).toBeCloseTo(0.005, 12);
  });

  it("is 0 for servers that bill nobody, and the ceiling where no price is known", () => {
    const costs = costsOf({ own: [profile("compute")], hidden: [profile("per-token")], asleep: [undefined] });
    expect([costs.of(request, "own"), costs.of(request, "hidden"), costs.of(request, "asleep")]).toEqual([
      0,
      unknownCost,
      unknownCost,
    ]);
  });

  it("counts searches as upstreams do: by calls, by hundred documents, and long documents as several", () => {
    const hundreds = costsOf({ bge: [perSearch(1)], few: [{ ...perSearch(1), limits: { documentsPerCall: 10 } }] });
    const documents = Array.from({ length: 101 }, () => "short");
    expect(hundreds.of({ query: "q", documents }, "bge")).toBe(2);
    expect(hundreds.of({ query: "q", documents }, "few")).toBe(11);
    const long = Array.from({ length: 60 }, () => "x".repeat(4_000));
    expect(hundreds.of({ query: "q", documents: long }, "bge")).toBe(2);
  });

  it.each(["排序文档的模型", "재순위모델", "並べ替えモデル", "Модель ранжирует документы"])(
    "counts long documents by their tokens in any script: %s",
    (text) => {
      const documents = Array.from({ length: 100 }, () => text.repeat(Math.ceil(1_900 / text.length)));
      const tokens = probableTokens({ query: "", documents }) / documents.length;
      const searches = costsOf({ bge: [perSearch(1)] }).of({ query: "q", documents }, "bge");
      expect(searches).toBeGreaterThanOrEqual(Math.floor(tokens / 500));
      expect(searches).toBeLessThanOrEqual(Math.ceil(tokens / 500) + 1);
    },
  );

  it("counts tokens rather too high than too low, twice for who reads in windows, and with what is written", () => {
    const perToken = { ...profile("per-token"), price: { perToken: 1 } };
    const costs = costsOf({
      bge: [perToken],
      list: [{ ...perToken, scoring: "listwise" }],
      writes: [{ ...perToken, price: { perToken: 0, perOutputToken: 1 } }],
    });
    const words = { query: "what is it", documents: ["the quick brown fox jumps", { text: "over the lazy dog" }] };
    expect(costs.of(words, "bge")).toBe(probableTokens(words));
    expect(probableTokens(words)).toBeGreaterThan(15);
    expect(costs.of(words, "list")).toBe(2 * probableTokens(words));
    expect(costs.of(words, "writes")).toBe(32);
  });

  it.each([
    [{ query: null, documents: null }],
    [{ query: 1, documents: "text" }],
    [{ query: "q", documents: [null, 1, { a: { b: ["c"] } }], fallbacks: 7 }],
    [{ query: "q", documents: [{}], fallbacks: [null, { a: 1 }] }],
  ])("is a number for a request that nobody has checked: %j", (asked) => {
    const costs = costsOf({ bge: [{ ...profile("per-token"), price: { perToken: 1, perSearchUnit: 1 } }] });
    expect(costs.of(asked, "bge")).toBeGreaterThanOrEqual(0);
  });
});

function costsOf(
  models: Readonly<Record<string, readonly (Profile | undefined)[]>>,
  router: RouterSettings = {},
  combined: Readonly<Record<string, readonly string[]>> = {},
): MostCosts {
  const statuses = Object.entries(models).flatMap(([modelName, profiles]) =>
    profiles.map((known): DeploymentStatus => ({
      id: modelName,
      modelName,
      provider: "any",
      model: modelName,
      state: "healthy",
      documentsInFlight: 0,
      documentsQueued: 0,
      calls: 0,
      failures: 0,
      ...(known && { profile: known }),
    })),
  );
  const source = {
    deployments: () => statuses,
    combinedModels: () =>
      Object.entries(combined).map(([modelName, members]) => ({
        id: modelName,
        modelName,
        model: "fusion/x",
        members,
      })),
    wildcardOf: (name: string) => (name.startsWith("cohere/") ? "cohere/*" : undefined),
  };
  return new MostCosts(source, router, unknownCost);
}

function profile(billing: Profile["billing"]): Profile {
  return { scoring: "pointwise", scoreKind: "logit", billing, fingerprint: "f", limits: {} };
}

function perSearch(perSearchUnit: number): Profile {
  return { ...profile("per-search"), price: { perSearchUnit } };
}
