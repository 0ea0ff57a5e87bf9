import fc from "fast-check";
import { expect, it } from "vitest";

import { type Sample, paceOf, secondsLeft, withSample } from "./pace.ts";

it("is what ended between the samples of the last quarter of a minute", () => {
  const samples = [
    { at: 0, ended: 0 },
    { at: 10_000, ended: 5_000 },
    { at: 20_000, ended: 6_000 },
    { at: 25_000, ended: 6_500 },
  ].reduce<readonly Sample[]>(withSample, []);
  expect(paceOf(samples)).toBe(100);
  expect(secondsLeft(1_000, paceOf(samples))).toBe(10);
});

it("is not known from one look, and no time is left to be said while nothing moves", () => {
  const first = withSample([], { at: 5_000, ended: 70 });
  expect(paceOf(first)).toBeUndefined();
  expect(secondsLeft(30, paceOf(first))).toBeUndefined();
  const still = withSample(first, { at: 6_000, ended: 70 });
  expect(paceOf(still)).toBe(0);
  expect(secondsLeft(30, 0)).toBeUndefined();
});

it("finds the pace of lines that end evenly, however often one looks, and keeps few samples", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 200, max: 4_000 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 100_000 }),
      (pauses, perSecond) => {
        let at = 0;
        let samples: readonly Sample[] = [{ at, ended: 0 }];
        for (const pause of pauses) {
          at += pause;
          samples = withSample(samples, { at, ended: (at / 1_000) * perSecond });
        }
        expect(paceOf(samples)).toBeCloseTo(perSecond, 4);
        expect(samples.length).toBeLessThanOrEqual(77);
      },
    ),
  );
});
