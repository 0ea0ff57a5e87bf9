import { readFileSync } from "node:fs";

import * as v from "valibot";
import { expect, test } from "vitest";

import { bootstrapInterval } from "./bootstrap-interval.ts";
import { comparePaired } from "./compare-paired.ts";
import { kendallTau } from "./kendall-tau.ts";

const numbers = v.array(v.number());
const figures = v.parse(
  v.object({
    bootstrap: v.array(v.object({ values: numbers, interval: v.tuple([v.number(), v.number()]) })),
    randomization: v.array(v.object({ values: numbers, baseline: numbers, p: v.number() })),
    kendall: v.array(v.object({ one: numbers, other: numbers, tau: v.number() })),
  }),
  // Made by scripts/make-statistics-figures.py.
  JSON.parse(readFileSync(new URL("fixtures/scipy-figures.json", import.meta.url), "utf8")),
);

test.each(figures.bootstrap)("an interval is SciPy's but for chance: $interval", ({ values, interval }) => {
  const found = bootstrapInterval(values, { resamples: 50_000 });
  // The ends of such intervals differ from one draw to the next by about a hundredth of their width,
  // and means of zeros and ones by a step of one query.
  const tolerance = 0.03 * (interval[1] - interval[0]) + (isCounted(values) ? 1.01 / values.length : 0);
  expect(Math.abs(found[0] - interval[0])).toBeLessThan(tolerance);
  expect(Math.abs(found[1] - interval[1])).toBeLessThan(tolerance);
});

test.each(figures.randomization)("a difference is as significant as SciPy says: $p", ({ values, baseline, p }) => {
  const { p_value } = comparePaired(values, baseline, { resamples: 50_000 });
  const isExact = values.length <= 13;
  expect(Math.abs(p_value - p)).toBeLessThan(isExact ? 1e-6 : 0.01);
});

test.each(figures.kendall)("the agreement of two orders is SciPy's: $tau", ({ one, other, tau }) => {
  expect(kendallTau(one, other)).toBeCloseTo(tau, 8);
});

function isCounted(values: readonly number[]): boolean {
  return values.every((value) => Number.isInteger(value));
}
