import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { barShares, drawBar } from "./score-bar.ts";

describe("drawBar", () => {
  it("draws eighths of a column", () => {
    expect(drawBar(1, 4)).toBe("████");
    expect(drawBar(0.5, 4)).toBe("██");
    expect(drawBar(0.53125, 4)).toBe("██▏");
    expect(drawBar(0, 4)).toBe("");
  });

  it("never leaves its width", () => {
    expect(drawBar(7, 4)).toBe("████");
    expect(drawBar(-7, 4)).toBe("");
  });
});

describe("barShares", () => {
  it("shows probabilities and cosines as they are, and logits through the sigmoid", () => {
    expect(barShares([0.9, 0.1], "probability")).toEqual([0.9, 0.1]);
    expect(barShares([0.5, -0.5], "cosine")).toEqual([0.5, 0]);
    expect(barShares([0], "logit")).toEqual([0.5]);
  });

  it("shows scores on an unknown scale against the best of them", () => {
    expect(barShares([8, 4, 0])).toEqual([1, 0.5, 0]);
    expect(barShares([0, 0], "unknown")).toEqual([0, 0]);
  });

  it("stays within 0 and 1 for every scale", () => {
    const scores = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(scores, fc.constantFrom("probability", "logit", "cosine", "unknown" as const), (given, kind) => {
        for (const share of barShares(given, kind)) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
