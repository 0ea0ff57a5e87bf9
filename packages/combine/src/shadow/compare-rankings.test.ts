import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compareRankings } from "./compare-rankings.ts";
import { kendallTau } from "./kendall-tau.ts";

const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })), { maxLength: 60 });

describe("kendallTau", () => {
  it("is what looking at each pair gives", () => {
    fc.assert(
      fc.property(pairs, (things) => {
        const [one, other] = [things.map(([first]) => first), things.map(([, second]) => second)];
        const [fast, slow] = [kendallTau(one, other), pairByPair(one, other)];
        if (slow === undefined || fast === undefined) expect(fast).toBe(slow);
        else expect(fast).toBeCloseTo(slow, 12);
      }),
      { numRuns: 500 },
    );
  });

  it("is 1 for the same order, −1 for the one turned round, and nothing where nothing is before anything", () => {
    const order = Array.from({ length: 1_000 }, (_, index) => index);
    expect(kendallTau(order, order)).toBe(1);
    expect(kendallTau(order, order.toReversed())).toBe(-1);
    expect(
      kendallTau(
        order,
        order.map(() => 0),
      ),
    ).toBeUndefined();
    expect(kendallTau([], [])).toBeUndefined();
    expect(kendallTau([1], [1])).toBeUndefined();
  });
});

describe("compareRankings", () => {
  it("says which part of the first results both have", () => {
    expect(compareRankings(ranking(0, 1, 2, 3), ranking(1, 9, 0, 3, 2), 2)).toMatchObject({ k: 2, overlap: 0.5 });
    expect(compareRankings(ranking(0, 1), ranking(1, 0, 2), 10)).toEqual({ k: 2, overlap: 1, kendallTau: -1 });
    expect(compareRankings(ranking(7), ranking(0, 7), 10)).toEqual({ k: 1, overlap: 0 });
  });

  it("compares the order of documents that both have, and takes neighbours of one score for equal", () => {
    expect(compareRankings(ranking(4, 2, 0), ranking(0, 1, 2, 3, 4), 10).kendallTau).toBe(-1);
    const tied = [0, 1, 2].map((index) => ({ index, relevance_score: 0.5 }));
    expect(compareRankings(tied, ranking(0, 1, 2), 10)).toEqual({ k: 3, overlap: 1 });
  });

  it("takes what is ranked by more than its score, such as for diversity, in the order of its results", () => {
    const diversified = [0.9, 0.2, 0.8].map((relevance_score, index) => ({ index, relevance_score }));
    expect(compareRankings(diversified, ranking(0, 1, 2), 10).kendallTau).toBe(1);
  });

  it("is always within its range, and the same for both where they are the same", () => {
    const documents = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(documents, documents, fc.integer({ min: 1, max: 40 }), (one, other, first) => {
        const { overlap, kendallTau: tau = 0, k } = compareRankings(ranking(...one), ranking(...other), first);
        expect(overlap >= 0 && overlap <= 1 && tau >= -1 && tau <= 1 && k >= 1 && k <= first).toBe(true);
        expect(compareRankings(ranking(...one), ranking(...one), first).overlap).toBe(1);
      }),
    );
  });
});

function ranking(...documents: readonly number[]) {
  return documents.map((index, place) => ({ index, relevance_score: 1 - place / 100 }));
}

function pairByPair(one: readonly number[], other: readonly number[]): number | undefined {
  let [agreed, turned, inOne, inOther] = [0, 0, 0, 0];
  for (let a = 0; a < one.length; a++)
    for (let b = 0; b < a; b++) {
      const first = Math.sign((one[a] ?? 0) - (one[b] ?? 0));
      const second = Math.sign((other[a] ?? 0) - (other[b] ?? 0));
      if (first !== 0) inOne++;
      if (second !== 0) inOther++;
      if (first * second > 0) agreed++;
      if (first * second < 0) turned++;
    }
  return inOne === 0 || inOther === 0 ? undefined : (agreed - turned) / Math.sqrt(inOne * inOther);
}
