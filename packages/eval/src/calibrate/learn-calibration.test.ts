import type { Profile, ScoreCall, ScoreResult } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { scriptedModels } from "../run/fixtures/scripted-models.ts";
import { smallCollection } from "../run/fixtures/small-collection.ts";
import { learnCalibration, type LearnCalibrationOptions } from "./learn-calibration.ts";

/** Logits: 2 for the relevant document of a query and for another one of every second query, −2 for the rest. */
function overconfident({ query, documents }: ScoreCall): ScoreResult {
  const number = Number(/\d+/.exec(query)?.[0]);
  const last = documents.length - 1;
  return {
    scores: documents.map((_, index) => ({
      index,
      score: index === last || (index === 0 && number % 2 === 0) ? 2 : -2,
    })),
  };
}

async function learn(
  more: Partial<LearnCalibrationOptions> = {},
  answer: (call: ScoreCall) => ScoreResult = overconfident,
  profile: Partial<Profile> = { scoreKind: "logit" },
) {
  await using upstream = scriptedModels(["m"], answer, { profile });
  return await learnCalibration({
    collection: smallCollection(50),
    models: [{ name: "m", identity: "" }],
    rerank: upstream.dheera.rerank,
    method: "isotonic",
    ...more,
  });
}

describe("learnCalibration", () => {
  it("learns how often documents of a score are relevant, and shows what that is worth on other queries", async () => {
    const learned = await learn();
    expect(learned).toMatchObject({ model: "m", pairs: 200, relevant: 50, queries: 50, kept: 0, warnings: [] });
    // Of 75 documents with 2, 50 are relevant; of 125 with −2, none.
    expect(learned.calibration).toEqual({
      method: "isotonic",
      score_kind: "logit",
      scores: [-2, 2],
      probabilities: [0, expect.closeTo(2 / 3, 12)],
    });
    const { before, after, constant } = learned.held_out;
    expect(constant.brier).toBeCloseTo(0.25 * 0.75, 3);
    expect(after.brier).toBeCloseTo((75 / 200) * (2 / 9), 2);
    expect(after.brier).toBeLessThan(before?.brier ?? 0);
    expect(after.calibration_error).toBeLessThan(0.06);
    expect(before?.calibration_error).toBeGreaterThan(0.1);
  });

  it("learns a sigmoid too", async () => {
    const { calibration } = await learn({ method: "platt" });
    expect(calibration).toMatchObject({ method: "platt", score_kind: "logit" });
    const { slope, intercept } = calibration.method === "platt" ? calibration : { slope: 0, intercept: 0 };
    expect(1 / (1 + Math.exp(-(2 * slope + intercept)))).toBeCloseTo(0.66, 1);
  });

  it("says nothing of how scores are as they are where those are no probabilities", async () => {
    expect((await learn({}, overconfident, { scoreKind: "unknown" })).held_out.before).toBeNull();
  });

  it("leaves out documents that nobody judged, where it is told to", async () => {
    await expect(learn({ unjudged: "leave_out" })).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("50 queries with 50 relevant and 0 other documents; it needs at least"),
    });
  });

  it("refuses what no probability can be learned from", async () => {
    await expect(learn({ queries: 5 })).rejects.toThrow("too little to learn from: 5 queries");
    await expect(learn({}, overconfident, { scoreKind: "rank" })).rejects.toThrow("gives an order only");
    const upsideDown = (call: ScoreCall): ScoreResult => ({
      scores: overconfident(call).scores.map(({ index, score }) => ({ index, score: -score })),
    });
    await expect(learn({ method: "platt" }, upsideDown)).rejects.toThrow(
      "documents with higher scores are not more often relevant",
    );
    const failing = (): never => {
      throw new Error("no luck");
    };
    await expect(learn({}, failing)).rejects.toThrow(/^no query of m was ranked; the first error: /);
  });
});
