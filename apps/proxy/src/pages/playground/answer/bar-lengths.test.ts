import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { barLengths } from "./bar-lengths.ts";

describe("barLengths", () => {
  it("measures probabilities against 1", () => {
    expect(barLengths([0.5, 0.25], "probability")).toEqual({ lengths: [0.5, 0.25], scale: "absolute" });
  });

  it("measures calibrated scores against 1 as well, and fused ones against the best of them", () => {
    expect(barLengths([0.5, 0.25], "calibrated")).toEqual({ lengths: [0.5, 0.25], scale: "absolute" });
    expect(barLengths([0.03, 0.015], "fused")).toEqual({ lengths: [1, 0.5], scale: "relative" });
  });

  it("draws nothing where only the order means something", () => {
    expect(barLengths([3, 2, 1], "rank")).toEqual({ lengths: [0, 0, 0], scale: "none" });
  });

  it("measures scores without a scale against the best of them", () => {
    expect(barLengths([8, 2, 0], "unknown")).toEqual({ lengths: [1, 0.25, 0], scale: "relative" });
  });

  it("gives the best logit a full bar and the worst none, though all are below 0", () => {
    expect(barLengths([-1, -3], "logit").lengths).toEqual([1, 0]);
  });

  it("draws nothing for scores that are all 0", () => {
    expect(barLengths([0, 0], undefined).lengths).toEqual([0, 0]);
  });

  it("keeps bars between 0 and 1, and in the order of their scores", () => {
    const scores = fc
      .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })
      .map((list) => list.toSorted((left, right) => right - left));
    fc.assert(
      fc.property(scores, fc.constantFrom("probability", "cosine", "logit", "rank", "fused"), (sorted, kind) => {
        const { lengths } = barLengths(sorted, kind);
        expect(lengths.every((length) => length >= 0 && length <= 1)).toBe(true);
        expect(lengths).toEqual(lengths.toSorted((left, right) => right - left));
      }),
    );
  });
});
