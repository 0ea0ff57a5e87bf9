import fc from "fast-check";
import { expect, it } from "vitest";

import { rankTopN } from "./top-n.ts";

const anyScores = fc
  .array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 0.5, 1, Number.NaN)), { minLength: 1, maxLength: 100 })
  .map((scores) => Float64Array.from(scores));

it("puts the best first, ties in input order, and unknown scores last", () => {
  expect(rankTopN(Float64Array.of(0.1, Number.NaN, 0.9, 0.1, 0.9), 5)).toEqual([2, 4, 0, 3, 1]);
});

it("is a permutation of all positions, in falling order", () => {
  fc.assert(
    fc.property(anyScores, (scores) => {
      const ranking = rankTopN(scores, scores.length);
      expect(ranking.toSorted((a, b) => a - b)).toEqual([...scores.keys()]);
      const ranked = ranking.map((position) => scores[position] ?? Number.NaN).filter((score) => !Number.isNaN(score));
      expect(ranked).toEqual(ranked.toSorted((a, b) => b - a));
    }),
  );
});

it("cuts to top_n, which is the beginning of the whole ranking", () => {
  fc.assert(
    fc.property(anyScores, fc.integer({ min: 1, max: 120 }), (scores, topN) => {
      expect(rankTopN(scores, topN)).toEqual(rankTopN(scores, scores.length).slice(0, topN));
    }),
  );
});

it("leaves out what is below min_score, and unknown scores with it", () => {
  expect(rankTopN(Float64Array.of(0.2, 0.5, Number.NaN, 0.4), 10, 0.4)).toEqual([1, 3]);
});
