import { expect, it } from "vitest";

import type { Profile } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { mapCache } from "../fixtures/map-cache.ts";
import { pointwise, scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { RerankResponse } from "../request/api.ts";
import type { ModelEntry } from "../routing/settings.ts";
import type { Calibration } from "./calibration.ts";

const logits: Profile = { ...pointwise, scoreKind: "logit" };
/** Between −1 and 1 all are equally probable. */
const steps: Calibration = {
  method: "isotonic",
  scores: [-2, -1, 1, 2],
  probabilities: [0.125, 0.5, 0.5, 0.875],
  score_kind: "logit",
};
/** Each document is its own score. */
const documents = ["-2", "0.5", "-0.5", "2", "0.5"];

function entry(model: string, params: Partial<ModelEntry["dheera_ai_params"]> = {}, model_name = "m"): ModelEntry {
  return { model_name, dheera_ai_params: { model: `scripted/${model}`, ...params } };
}

function provider(profile: Profile | ((model: string) => Profile) = logits, fails: readonly string[] = []) {
  return scriptedProvider((call, model) => {
    if (fails.includes(model)) throw new DheeraError("provider_unreachable", "scripted");
    return { scores: call.documents.map((document, index) => ({ index, score: Number(document) })) };
  }, profile);
}

function ranked({ results }: RerankResponse) {
  return results.map(({ index, relevance_score: score }) => [index, score]);
}

const request = { model: "m", query: "q", documents };

it("answers with probabilities, and ties in the order of the model's scores", async () => {
  const dheera = createDheera({ providers: [provider()], model_list: [entry("a", { calibration: steps })] });
  const answer = await dheera.rerank(request);
  expect(answer.meta.score_kind).toBe("calibrated");
  expect(ranked(answer)).toEqual([
    [3, 0.875],
    [1, 0.5],
    [4, 0.5],
    [2, 0.5],
    [0, 0.125],
  ]);
  expect(ranked(await dheera.rerank({ ...request, top_n: 2 }))).toEqual([
    [3, 0.875],
    [1, 0.5],
  ]);
});

it("takes min_score for a probability, whichever model serves with a calibration of its own", async () => {
  const own: Calibration = { method: "platt", slope: 10, intercept: 0, score_kind: "cosine" };
  const dheera = createDheera({
    providers: [provider((model) => (model === "a" ? logits : { ...pointwise, scoreKind: "cosine" }), ["a"])],
    model_list: [entry("a", { calibration: steps }), entry("b", { calibration: own }, "other")],
    router_settings: { fallbacks: [{ m: ["other"] }], num_retries: 0 },
  });
  const cosines = { ...request, documents: ["0.2", "-0.2", "0", "1"], min_score: 0.5 };
  const fallback = await dheera.rerank(cosines);
  expect(fallback.model).toBe("other");
  expect(fallback.meta.score_kind).toBe("calibrated");
  expect(ranked(fallback).map(([index]) => index)).toEqual([3, 0, 2]);
  expect(ranked(fallback)[2]).toEqual([2, 0.5]);
});

it("lets min_score mean a probability of the model itself", async () => {
  const dheera = createDheera({ providers: [provider()], model_list: [entry("a", { calibration: steps })] });
  const answer = await dheera.rerank({ ...request, min_score: 0.5, top_n: 3 });
  expect(ranked(answer).map(([index]) => index)).toEqual([3, 1, 4]);
});

it.each([{ raw_scores: true }, { normalize: "none" as const }, { normalize: "sigmoid" as const }])(
  "leaves the scores to a request that asks for its own: %j",
  async (asked) => {
    const plain = createDheera({ providers: [provider()], model_list: [entry("a")] });
    const dheera = createDheera({ providers: [provider()], model_list: [entry("a", { calibration: steps })] });
    const { results, meta } = await dheera.rerank({ ...request, ...asked });
    const expected = await plain.rerank({ ...request, ...asked });
    expect(results).toEqual(expected.results);
    expect(meta).toEqual(expected.meta);
  },
);

it("goes by what the entry's normalize made of the scores, where it was learned from that", async () => {
  const learned: Calibration = { method: "platt", slope: 4, intercept: -2, score_kind: "probability" };
  const dheera = createDheera({
    providers: [provider()],
    model_list: [entry("a", { calibration: learned, normalize: "sigmoid" })],
  });
  const answer = await dheera.rerank({ ...request, documents: ["0"] });
  expect(ranked(answer)).toEqual([[0, 0.5]]);
  expect(answer.meta.score_kind).toBe("calibrated");
});

it("leaves scores of another kind than it was learned from as they are, and says so", async () => {
  const dheera = createDheera({
    providers: [provider(pointwise)],
    model_list: [entry("a", { calibration: steps })],
  });
  const answer = await dheera.rerank({ ...request, documents: ["0.25", "0.75"], min_score: 0.5 });
  expect(ranked(answer)).toEqual([[1, 0.75]]);
  expect(answer.meta.score_kind).toBe("probability");
  expect(answer.meta.warnings).toEqual([
    "scores are not calibrated: calibration was learned from scores of the kind logit, and these are of the kind probability",
  ]);
});

it("keeps deployments of different calibrations out of one ranking, and those of equal ones together", async () => {
  const limits = { ...logits, limits: { documentsPerCall: 1 } };
  const asked = async (...calibrations: readonly (Calibration | undefined)[]): Promise<number> => {
    const scripted = provider(limits);
    const list = calibrations.map((calibration, index) => entry(`model-${index}`, calibration ? { calibration } : {}));
    const dheera = createDheera({ providers: [scripted], model_list: list });
    await dheera.rerank(request);
    return new Set(scripted.calls.map(({ model }) => model)).size;
  };
  const platt: Calibration = { method: "platt", slope: 1, intercept: 0, score_kind: "logit" };
  expect(await asked(steps, platt)).toBe(1);
  expect(await asked(steps, undefined)).toBe(1);
  expect(await asked(platt, { ...platt })).toBe(2);
});

it("asks the deployment with the other calibration when the first fails, and goes by that one's", async () => {
  const platt: Calibration = { method: "platt", slope: 1, intercept: 0, score_kind: "logit" };
  const dheera = createDheera({
    providers: [provider(logits, ["a"])],
    model_list: [entry("a", { calibration: steps }), entry("b", { calibration: platt })],
    router_settings: { num_retries: 0 },
  });
  for (let round = 0; round < 10; round++)
    expect(ranked(await dheera.rerank({ ...request, documents: ["0"] }))).toEqual([[0, 0.5]]);
});

it("caches what the model said, which deployments of other calibrations share", async () => {
  const scripted = provider();
  const model_list = [entry("a", { calibration: steps }), entry("a", {}, "plain")];
  const dheera = createDheera({ providers: [scripted], model_list, cache: mapCache() });
  await dheera.rerank(request);
  const plain = await dheera.rerank({ ...request, model: "plain" });
  expect(scripted.calls).toHaveLength(1);
  expect(ranked(plain)[1]).toEqual([1, 0.5]);
  expect(ranked(plain).at(-1)).toEqual([0, -2]);
  expect(ranked(await dheera.rerank(request)).at(-1)).toEqual([0, 0.125]);
});

it("ranks what the model refused last, with no probability at all", async () => {
  const scripted = scriptedProvider((call) => {
    if (call.documents.includes("poison")) throw new DheeraError("provider_rejected", "scripted");
    return { scores: call.documents.map((document, index) => ({ index, score: Number(document) })) };
  }, logits);
  const model_list = [entry("a", { calibration: steps, on_document_error: "warn" })];
  const dheera = createDheera({ providers: [scripted], model_list });
  const asked = { ...request, documents: ["poison", "0", "-9"] };
  expect(ranked(await dheera.rerank(asked))).toEqual([
    [1, 0.5],
    [2, 0.125],
    [0, 0],
  ]);
  expect(ranked(await dheera.rerank({ ...asked, min_score: 0 })).map(([index]) => index)).toEqual([1, 2]);
});

it("refuses a calibration that means nothing when it is configured, and names the key", () => {
  const wrong = { ...steps, probabilities: [0.5, 0.1, 0.2, 0.3] };
  expect(() => createDheera({ providers: [provider()], model_list: [entry("a", { calibration: wrong })] })).toThrow(
    "calibration.probabilities: must be in ascending order, from 0 to 1",
  );
});
