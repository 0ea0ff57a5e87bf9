import { expect, it } from "vitest";

import type { Combination } from "../combination.ts";
import { createDheera } from "../dheera.ts";
import { scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { DiversifyOptions } from "../request/api.ts";
import type { ModelParams } from "../deployment/params.ts";

const documents = ["one text", "one text", "something else", "of no use"];
const scores = [0.9, 0.8, 0.6, 0.1];
const provider = scriptedProvider((call) => ({
  scores: call.documents.map((document, index) => ({ index, score: scores[documents.indexOf(document)] ?? 0 })),
}));
const request = { model: "m", query: "q", documents };

function dheeraOf(params: Partial<ModelParams> = {}, combinations: readonly Combination[] = []) {
  const model_list = [{ model_name: "m", dheera_ai_params: { model: "scripted/a", ...params } }];
  return createDheera({ providers: [provider], model_list, combinations });
}

const apart: DiversifyOptions = { method: "mmr", lambda: 0.5 };

it("puts near duplicates apart, keeps the model's scores, and says so", async () => {
  const { results, meta } = await dheeraOf().rerank({ ...request, diversify: apart });
  expect(results.map(({ index, relevance_score: score }) => [index, score])).toEqual([
    [0, 0.9],
    [2, 0.6],
    [1, 0.9],
    [3, 0.1],
  ]);
  expect(meta.diversified).toBe(true);
});

it("chooses from all documents, and then cuts to top_n and min_score", async () => {
  const { results } = await dheeraOf().rerank({ ...request, diversify: apart, top_n: 2 });
  expect(results.map(({ index }) => index)).toEqual([0, 2]);
  const above = await dheeraOf().rerank({ ...request, diversify: apart, min_score: 0.5 });
  expect(above.results.map(({ index }) => index)).toEqual([0, 2, 1]);
});

it.each<[DiversifyOptions | undefined, DiversifyOptions | null | undefined, boolean]>([
  [apart, undefined, true],
  [apart, null, false],
  [apart, { lambda: 1 }, false],
  [undefined, {}, true],
  [undefined, null, false],
])("goes by the entry's %j unless the request says %j", async (own, asked, isDiversified) => {
  const { meta } = await dheeraOf(own && { diversify: own }).rerank({ ...request, diversify: asked });
  expect(meta.diversified).toBe(isDiversified ? true : undefined);
});

it("diversifies probabilities in the order of the model", async () => {
  const calibration = { method: "platt", slope: 4, intercept: -2, score_kind: "probability" } as const;
  const { results, meta } = await dheeraOf({ calibration, diversify: apart }).rerank({ ...request, min_score: 0.5 });
  expect(results.map(({ index }) => index)).toEqual([0, 2, 1]);
  expect(meta).toMatchObject({ score_kind: "calibrated", diversified: true });
});

it("diversifies what a combined model says once, at its end", async () => {
  const pass: Combination = {
    name: "pass",
    optionNames: [],
    connect: () => ({
      models: ["m"],
      rank: async (question) => {
        const answer = await question.ask("m");
        if ("failure" in answer) throw answer.failure;
        const { order, scores: said, scoreKind, stage } = answer;
        return { order, scores: said, scoreKind, stages: [stage], warnings: [] };
      },
    }),
  };
  const dheera = createDheera({
    providers: [provider],
    combinations: [pass],
    model_list: [
      { model_name: "m", dheera_ai_params: { model: "scripted/a", diversify: apart } },
      { model_name: "whole", dheera_ai_params: { model: "pass/whole" } },
      { model_name: "apart", dheera_ai_params: { model: "pass/apart", diversify: apart } },
    ],
  });
  const plain = await dheera.rerank({ ...request, model: "whole" });
  expect(plain.results.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(plain.meta.diversified).toBeUndefined();
  const diverse = await dheera.rerank({ ...request, model: "apart", top_n: 2 });
  expect(diverse.results.map(({ index }) => index)).toEqual([0, 2]);
  expect(diverse.meta.diversified).toBe(true);
});

it("answers what a combined model has at its deadline as it is", async () => {
  const late: Combination = {
    name: "late",
    optionNames: [],
    connect: () => ({
      models: ["m"],
      rank: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return { order: [0, 1, 2, 3], scores, scoreKind: "probability", stages: [], warnings: [] };
      },
    }),
  };
  const dheera = createDheera({
    providers: [provider],
    combinations: [late],
    model_list: [
      { model_name: "m", dheera_ai_params: { model: "scripted/a" } },
      { model_name: "late", dheera_ai_params: { model: "late/late", diversify: apart } },
    ],
  });
  const { results, meta } = await dheera.rerank({ ...request, model: "late", timeout: 0.01 });
  expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(meta).toMatchObject({ warnings: ["diversify had no effect: the timeout had passed"] });
  expect(meta.diversified).toBeUndefined();
});

it.each<[unknown, string]>([
  [[], 'diversify: must be an object such as { "method": "mmr", "lambda": 0.7 }'],
  ["mmr", 'diversify: must be an object such as { "method": "mmr", "lambda": 0.7 }'],
  [{ method: "dpp" }, "diversify.method: must be mmr"],
  [{ lambda: 1.5 }, "diversify.lambda: must be 0 to 1"],
  [{ lambda: "much" }, "diversify.lambda: must be a number"],
])("refuses %j in a request and in an entry", async (wrong, message) => {
  const diversify = wrong as DiversifyOptions;
  await expect(dheeraOf().rerank({ ...request, diversify })).rejects.toThrow(message);
  expect(() => dheeraOf({ diversify })).toThrow(message);
});
