import * as fc from "fast-check";
import { expect, test } from "vitest";

import { bootstrapInterval } from "./bootstrap-interval.ts";
import { comparePaired } from "./compare-paired.ts";
import { kendallTau } from "./kendall-tau.ts";
import { randomNumbers } from "./random-numbers.ts";
import { randomizationTest } from "./randomization-test.ts";

const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
const options = { resamples: 200 };

test("an interval is between the smallest and the largest value, and the same for the same seed", () => {
  fc.assert(
    fc.property(values, fc.nat(), (sample, seed) => {
      const interval = bootstrapInterval(sample, { ...options, seed });
      const [low, high] = interval;
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(Math.min(...sample) - 1e-12);
      expect(high).toBeLessThanOrEqual(Math.max(...sample) + 1e-12);
      expect(bootstrapInterval(sample, { ...options, seed })).toEqual(interval);
    }),
    { numRuns: 200 },
  );
});

test("another seed draws other queries", () => {
  const sample = Array.from({ length: 50 }, (_, index) => index / 50);
  expect(bootstrapInterval(sample, { seed: 1 })).not.toEqual(bootstrapInterval(sample, { seed: 2 }));
});

test("nothing has an interval of nothing, and one value is its own", () => {
  expect(bootstrapInterval([])).toEqual([0, 0]);
  expect(bootstrapInterval([0.4])).toEqual([0.4, 0.4]);
});

test("a model beside itself differs in nothing", () => {
  fc.assert(
    fc.property(values, (sample) => {
      expect(comparePaired(sample, sample, options)).toEqual({
        difference: 0,
        interval: [0, 0],
        p_value: 1,
        wins: 0,
        losses: 0,
        ties: sample.length,
      });
    }),
    { numRuns: 50 },
  );
});

test("two models change places: the difference turns round, its probability stays", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ max: 4, min: 0 }), fc.integer({ max: 4, min: 0 })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(pairs, (sample) => {
      const [one, other] = [sample.map(([first]) => first / 4), sample.map(([, second]) => second / 4)];
      const [forwards, backwards] = [comparePaired(one, other, options), comparePaired(other, one, options)];
      expect(forwards.difference).toBeCloseTo(-backwards.difference, 12);
      expect(forwards.p_value).toBe(backwards.p_value);
      expect([forwards.wins, forwards.losses, forwards.ties]).toEqual([
        backwards.losses,
        backwards.wins,
        backwards.ties,
      ]);
      expect(forwards.wins + forwards.losses + forwards.ties).toBe(sample.length);
      expect(forwards.p_value).toBeGreaterThan(0);
      expect(forwards.p_value).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
});

test("what differs by rounding alone is a tie", () => {
  expect(comparePaired([0.1 + 0.2], [0.3])).toMatchObject({ wins: 0, ties: 1, difference: 0, p_value: 1 });
});

test("a few queries are counted out, and many are as probable as they can be", () => {
  expect(randomizationTest([1, 1, 1])).toBe(2 / 2 ** 3);
  expect(randomizationTest(Array.from({ length: 13 }, () => 0.1))).toBe(2 / 2 ** 13);
  expect(
    randomizationTest(
      Array.from({ length: 200 }, () => 0.1),
      { resamples: 999 },
    ),
  ).toBe(1 / 1000);
  expect(randomizationTest([0, 0])).toBe(1);
});

test("a true difference of nothing is found significant as rarely as it says", () => {
  const random = randomNumbers(5);
  const uniform = (): number => random() / 2 ** 32;
  const trials = 400;
  let significant = 0;
  for (let trial = 0; trial < trials; trial++) {
    const differences = Array.from({ length: 30 }, () => uniform() - uniform());
    if (randomizationTest(differences, { seed: trial, resamples: 499 }) <= 0.1) significant++;
  }
  expect(significant / trials).toBeGreaterThan(0.06);
  expect(significant / trials).toBeLessThan(0.14);
});

test("values of different queries are not compared", () => {
  expect(() => comparePaired([1], [1, 2])).toThrow("1 values cannot be compared with 2 of the baseline");
  expect(() => kendallTau([1], [1, 2])).toThrow("1 values cannot be compared with 2");
});

test("two orders agree by what a comparison of every pair says", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ max: 6, min: 0 }), fc.integer({ max: 6, min: 0 })), { maxLength: 30 });
  fc.assert(
    fc.property(pairs, (sample) => {
      let [agreeing, first, second] = [0, 0, 0];
      for (const [index, [left, right]] of sample.entries())
        for (const [otherLeft, otherRight] of sample.slice(0, index)) {
          agreeing += Math.sign(left - otherLeft) * Math.sign(right - otherRight);
          first += Math.abs(Math.sign(left - otherLeft));
          second += Math.abs(Math.sign(right - otherRight));
        }
      const tau = kendallTau(
        sample.map(([left]) => left),
        sample.map(([, right]) => right),
      );
      if (first === 0 || second === 0) expect(tau).toBeUndefined();
      else expect(tau).toBeCloseTo(agreeing / Math.sqrt(first * second), 10);
    }),
  );
});
