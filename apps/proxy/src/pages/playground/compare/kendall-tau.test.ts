import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { kendallTau } from "./kendall-tau.ts";

describe("kendallTau", () => {
  it.each([
    [[0, 1, 2, 3], [0, 1, 2, 3], 1],
    [[0, 1, 2, 3], [3, 2, 1, 0], -1],
    // One of three pairs is turned round.
    [[0, 1, 2], [0, 2, 1], 1 / 3],
    // SciPy's scipy.stats.kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]).
    [[12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.471_404_520_791_031_7],
  ])("of %j and %j is %d", (ones, others, tau) => {
    expect(kendallTau(ones, others)).toBeCloseTo(tau, 12);
  });

  it.each([
    [[], []],
    [[0], [0]],
    [
      [3, 3],
      [0, 1],
    ],
  ])("of %j and %j is none: there is no order", (ones, others) => {
    expect(kendallTau(ones, others)).toBeUndefined();
  });

  it("is what its definition says, for any ranks with any ties, and the same both ways", () => {
    const ranks = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { maxLength: 30 });
    fc.assert(
      fc.property(ranks, (pairs) => {
        const ones = pairs.map(([one]) => one);
        const others = pairs.map(([, other]) => other);
        const defined = byDefinition(ones, others);
        for (const tau of [kendallTau(ones, others), kendallTau(others, ones)])
          if (defined === undefined) expect(tau).toBeUndefined();
          else expect(tau).toBeCloseTo(defined, 12);
      }),
    );
  });
});

/** Each pair by itself: alike, turned round, or tied. */
function byDefinition(ones: readonly number[], others: readonly number[]): number | undefined {
  let sum = 0;
  let untiedInOne = 0;
  let untiedInOther = 0;
  for (let right = 0; right < ones.length; right++)
    for (let left = 0; left < right; left++) {
      const inOne = Math.sign((ones[left] ?? 0) - (ones[right] ?? 0));
      const inOther = Math.sign((others[left] ?? 0) - (others[right] ?? 0));
      sum += inOne * inOther;
      untiedInOne += inOne ** 2;
      untiedInOther += inOther ** 2;
    }
  return untiedInOne === 0 || untiedInOther === 0 ? undefined : sum / Math.sqrt(untiedInOne * untiedInOther);
}
