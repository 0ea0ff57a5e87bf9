import { describe, expect, it } from "vitest";

import type { CombinedQuestion, CombinedRanking, Combination } from "../combination.ts";
import { type Dheera, createDheera } from "../dheera.ts";
import { scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { ModelEntry } from "../routing/settings.ts";

const documents = ["one", "two", "three"];
const plain: ModelEntry = { model_name: "m", dheera_ai_params: { model: "scripted/a" } };

/** A combination that does what a test says. */
function combining(rank: (question: CombinedQuestion) => Promise<CombinedRanking>, models = ["m"]): Dheera {
  const mine: Combination = { name: "mine", optionNames: ["wish"], connect: () => ({ models, rank }) };
  return createDheera({
    providers: [scriptedProvider()],
    combinations: [mine],
    model_list: [plain, { model_name: "c", dheera_ai_params: { model: "mine/c", wish: 1 } }],
  });
}

const request = { model: "c", query: "q", documents };
const whole: CombinedRanking = { order: [2, 0, 1], scores: [3, 2, 1], scoreKind: "rank", stages: [], warnings: [] };

describe("a combination of somebody's", () => {
  it("has its say as it is", async () => {
    const { results, meta } = await combining(async () => ({ ...whole, warnings: ["guessed"] })).rerank(request);
    expect(results).toEqual([
      { index: 2, relevance_score: 3 },
      { index: 0, relevance_score: 2 },
      { index: 1, relevance_score: 1 },
    ]);
    expect(meta).toMatchObject({ score_kind: "rank", stages: [], warnings: ["guessed"] });
  });

  it.each([
    ["leaves a document out", { order: [2, 0], scores: [3, 2] }],
    ["ranks one twice", { order: [2, 0, 0], scores: [3, 2, 1] }],
    ["ranks one that is not there", { order: [2, 0, 3], scores: [3, 2, 1] }],
    ["has scores that ascend", { scores: [1, 2, 3] }],
    ["has a score that is no number of JSON", { scores: [Infinity, 2, 1] }],
    ["has fewer scores than documents", { scores: [3, 2] }],
  ])("is not believed where it %s", async (_what, wrong) => {
    await expect(combining(async () => ({ ...whole, ...wrong })).rerank(request)).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("mine/c has a fault"),
    });
  });

  it.each([
    ["a model that it does not name", (question: CombinedQuestion) => question.ask("other")],
    ["for no document", (question: CombinedQuestion) => question.ask("m", [])],
    ["for one twice", (question: CombinedQuestion) => question.ask("m", [1, 1])],
    ["for one that is not there", (question: CombinedQuestion) => question.ask("m", [7])],
  ])("may not ask %s", async (_what, ask) => {
    const dheera = combining(async (question) => {
      await ask(question);
      return whole;
    });
    await expect(dheera.rerank(request)).rejects.toMatchObject({ code: "internal" });
  });

  it("is told what a model refused, and by which name it served", async () => {
    const dheera = combining(async (question) => {
      const answer = await question.ask("m", [1]);
      expect(answer).toMatchObject({ order: [1], servedBy: "m", scoreKind: "probability", stage: { documents: 1 } });
      return whole;
    });
    await dheera.rerank(request);
  });

  it("has its own keys and few of core's", () => {
    const withParams = (params: object): Dheera =>
      createDheera({
        providers: [scriptedProvider()],
        combinations: [{ name: "mine", optionNames: [], connect: () => ({ models: ["m"], rank: async () => whole }) }],
        model_list: [plain, { model_name: "c", dheera_ai_params: { model: "mine/c", ...params } }],
      });
    expect(() => withParams({ api_key: "sk-secret" })).toThrow("set api_key at those models");
    expect(() => withParams({ api_key: "sk-secret" })).not.toThrow("sk-secret");
    expect(() => withParams({ wish: 1 })).toThrow("wish: mine/c does not read it; it reads normalize");
    expect(withParams({ normalize: "sigmoid", on_error: "passthrough" }).combinedModels()).toEqual([
      { id: expect.stringMatching(/^c-/), modelName: "c", model: "mine/c", members: ["m"] },
    ]);
  });

  it("makes probabilities of its scores by a calibration of its own", async () => {
    const calibration = { method: "platt", slope: 1, intercept: 0, score_kind: "rank" } as const;
    const dheera = createDheera({
      providers: [scriptedProvider()],
      combinations: [{ name: "mine", optionNames: [], connect: () => ({ models: ["m"], rank: async () => whole }) }],
      model_list: [plain, { model_name: "c", dheera_ai_params: { model: "mine/c", calibration } }],
    });
    const { results, meta } = await dheera.rerank({ ...request, min_score: 0.8 });
    expect(meta.score_kind).toBe("calibrated");
    expect(results.map(({ index }) => index)).toEqual([2, 0]);
  });

  it("is asked by an alias, and asks by one, by an id and by a name that an asterisk stands for", async () => {
    const asked = ["alias", "the-id", "any/thing"];
    const dheera = createDheera({
      providers: [scriptedProvider()],
      combinations: [
        {
          name: "mine",
          optionNames: [],
          connect: () => ({
            models: asked,
            rank: async (question) => {
              const answers = await Promise.all(asked.map((model) => question.ask(model)));
              return { ...whole, stages: answers.map(({ stage }) => stage) };
            },
          }),
        },
      ],
      model_list: [
        { ...plain, model_info: { id: "the-id" } },
        { model_name: "any/*", dheera_ai_params: { model: "scripted/*" } },
        { model_name: "c", dheera_ai_params: { model: "mine/c" } },
      ],
      router_settings: { model_group_alias: { alias: "m", combined: "c" } },
    });
    const { meta } = await dheera.rerank({ ...request, model: "combined" });
    expect(meta.stages?.map(({ model, failed }) => [model, failed])).toEqual(asked.map((model) => [model, undefined]));
  });
});
