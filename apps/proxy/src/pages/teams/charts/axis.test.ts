import fc from "fast-check";
import { expect, it } from "vitest";

import { ticksUpTo } from "./axis.ts";

it.each([
  [0, true, [0, 1]],
  [0, false, [0, 0.01]],
  [1, true, [0, 1]],
  [3, true, [0, 1, 2, 3]],
  [10, true, [0, 5, 10]],
  [0.3, false, [0, 0.1, 0.2, 0.3]],
  [37, false, [0, 10, 20, 30, 40]],
] as const)("has round values up to %d", (most, isCounted, ticks) => {
  expect(ticksUpTo(most, isCounted)).toEqual(ticks);
});

it("begins at 0, holds every value, and has few lines", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.boolean(), (most, isCounted) => {
      const ticks = ticksUpTo(most, isCounted);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * (1 - 1e-9));
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
    }),
  );
});
