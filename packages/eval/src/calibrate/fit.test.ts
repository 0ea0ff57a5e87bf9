import { calibrate } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { calibrationLosses } from "./calibration-losses.ts";
import { fitIsotonic } from "./fit-isotonic.ts";
import { fitPlatt } from "./fit-platt.ts";
import figures from "./fixtures/scikit-learn.json" with { type: "json" };
import type { LabelledScore } from "./labelled-score.ts";

function labelledOf({ scores, labels }: { readonly scores: number[]; readonly labels: number[] }): LabelledScore[] {
  return scores.map((score, at) => ({ score, isRelevant: labels[at] === 1 }));
}

describe.each(figures.cases)(`the figures of scikit-learn ${figures.scikit_learn}, case %#`, (one) => {
  it("are those of the sigmoid", () => {
    const { slope, intercept } = fitPlatt(labelledOf(one));
    expect(slope).toBeCloseTo(one.platt.slope, 3);
    expect(intercept).toBeCloseTo(one.platt.intercept, 3);
  });

  it("are those of the isotonic curve, and of what is read off it", () => {
    const { scores, probabilities } = fitIsotonic(labelledOf(one));
    expect(scores).toEqual(one.isotonic.scores);
    for (const [at, probability] of probabilities.entries())
      expect(probability).toBeCloseTo(one.isotonic.probabilities[at] ?? Number.NaN, 9);
    const read = calibrate(Float64Array.from(figures.probes), {
      method: "isotonic",
      score_kind: "logit",
      scores,
      probabilities,
    });
    for (const [at, probability] of read.entries())
      expect(probability).toBeCloseTo(one.isotonic_at[at] ?? Number.NaN, 9);
  });
});

describe("what is fitted", () => {
  const labelled = fc.array(
    fc.record({ score: fc.integer({ min: -50, max: 50 }).map((tenths) => tenths / 10), isRelevant: fc.boolean() }),
    { minLength: 1, maxLength: 60 },
  );

  it("never falls, has each score once, and keeps the share of relevant documents", () => {
    fc.assert(
      fc.property(labelled, (all) => {
        const { scores, probabilities } = fitIsotonic(all);
        expect(scores).toEqual([...new Set(scores)].toSorted((one, other) => one - other));
        expect(probabilities).toEqual(probabilities.toSorted((one, other) => one - other));
        expect(probabilities.every((one) => one >= 0 && one <= 1)).toBe(true);
        const fitted = calibrate(
          Float64Array.from(all, ({ score }) => score),
          {
            method: "isotonic",
            score_kind: "logit",
            scores,
            probabilities,
          },
        );
        const relevant = all.filter(({ isRelevant }) => isRelevant).length;
        expect(fitted.reduce((sum, one) => sum + one, 0)).toBeCloseTo(relevant, 9);
      }),
    );
  });

  it("is the same sigmoid whatever the unit of the scores", () => {
    fc.assert(
      fc.property(labelled, fc.integer({ min: 1, max: 1_000 }), (all, unit) => {
        const one = fitPlatt(all);
        const other = fitPlatt(all.map(({ score, isRelevant }) => ({ score: score * unit + 7, isRelevant })));
        for (const at of [-5, 0, 5])
          expect(other.slope * (at * unit + 7) + other.intercept).toBeCloseTo(one.slope * at + one.intercept, 4);
      }),
    );
  });

  it("stays finite where a score separates the relevant ones, because the targets do not reach 0 and 1", () => {
    const { slope, intercept } = fitPlatt([
      { score: 0, isRelevant: false },
      { score: 1, isRelevant: true },
    ]);
    // Targets 1/3 and 2/3: the sigmoid goes through both.
    expect(1 / (1 + Math.exp(-intercept))).toBeCloseTo(1 / 3, 9);
    expect(1 / (1 + Math.exp(-(slope + intercept)))).toBeCloseTo(2 / 3, 9);
  });
});

it("measures how far probabilities are from what people said", () => {
  const losses = calibrationLosses([
    { probability: 0.8, isRelevant: true },
    { probability: 0.85, isRelevant: false },
    { probability: 0.1, isRelevant: false },
    { probability: 0, isRelevant: true },
  ]);
  expect(losses.log_loss).toBeCloseTo((-Math.log(0.8) - Math.log(0.15) - Math.log(0.9) - Math.log(1e-6)) / 4, 12);
  expect(losses.brier).toBeCloseTo((0.04 + 0.7225 + 0.01 + 1) / 4, 12);
  // Of the bins from 0.8, 0.1 and 0: |1.65 − 1|, |0.1 − 0| and |0 − 1|.
  expect(losses.calibration_error).toBeCloseTo((0.65 + 0.1 + 1) / 4, 12);
});
