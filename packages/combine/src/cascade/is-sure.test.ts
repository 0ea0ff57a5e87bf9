import { describe, expect, it } from "vitest";

import { isSure } from "./is-sure.ts";

const stage = { model: "dear", keep: Infinity, stopWhenMargin: undefined, stopWhenScore: undefined };

describe("whether the next stage need not be asked", () => {
  it.each([
    [[0.9, 0.5], { stopWhenMargin: 0.4 }, "margin"],
    [[0.9, 0.6], { stopWhenMargin: 0.4 }, undefined],
    [[0.9, 0.89], { stopWhenScore: 0.9 }, "score"],
    [[0.89, 0.1], { stopWhenScore: 0.9 }, undefined],
    [[0.95, 0.9], { stopWhenMargin: 0.4, stopWhenScore: 0.9 }, "score"],
    [[0.1], { stopWhenMargin: 0.4 }, "margin"],
    [[0.9, Number.NaN], { stopWhenMargin: 0.1 }, undefined],
    [[Number.NaN], { stopWhenMargin: 0, stopWhenScore: 0 }, undefined],
  ])("after the scores %j with %o: %s", (scores, thresholds, sure) => {
    const found = isSure({ scores, scoreKind: "probability" }, { ...stage, ...thresholds }, false);
    expect(found).toEqual(sure === undefined ? { warnings: [] } : { sure, warnings: [] });
  });

  it.each([
    ["probability", true, true],
    ["calibrated", true, true],
    ["cosine", true, true],
    ["logit", true, false],
    ["unknown", false, false],
    ["rank", false, false],
    ["fused", false, false],
  ] as const)("is told by scores of the kind %s: margin %s, score %s", (scoreKind, byMargin, byScore) => {
    const scores = [0.9, 0.1];
    const margin = isSure({ scores, scoreKind }, { ...stage, stopWhenMargin: 0.5 }, false);
    expect([margin.sure, margin.warnings.length]).toEqual(byMargin ? ["margin", 0] : [undefined, 1]);
    const score = isSure({ scores, scoreKind }, { ...stage, stopWhenScore: 0.5 }, false);
    expect([score.sure, score.warnings.length]).toEqual(byScore ? ["score", 0] : [undefined, 1]);
  });

  it("is told by no score where the request asks for raw ones", () => {
    const found = isSure({ scores: [9, 1], scoreKind: "probability" }, { ...stage, stopWhenMargin: 0.5 }, true);
    expect(found.warnings).toEqual([
      "stop_when_margin had no effect, and dear was asked: the request asks for raw scores",
    ]);
  });
});
