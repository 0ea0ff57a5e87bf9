import { readFileSync } from "node:fs";

import * as v from "valibot";
import { describe, expect, test } from "vitest";

import { parseMeasures } from "./measure.ts";
import { measuresOf } from "./measures-of.ts";
import { orderByScore } from "./order-by-score.ts";

const pairs = v.array(v.tuple([v.string(), v.number()]));
const figures = v.parse(
  v.object({
    measures: v.array(v.string()),
    cases: v.array(v.object({ run: pairs, grades: pairs, expected: v.array(v.number()) })),
  }),
  // Made by scripts/make-trec-figures.py.
  JSON.parse(readFileSync(new URL("fixtures/trec-figures.json", import.meta.url), "utf8")),
);
const measures = parseMeasures(figures.measures);

describe("360 random rankings with ties, missing and negative judgements", () => {
  test("are worth what trec_eval says, by every measure", () => {
    expect(figures.cases).toHaveLength(360);
    for (const { run, grades, expected } of figures.cases) {
      const ranking = orderByScore(run.map(([id, score]) => ({ id, score })));
      const values = measuresOf(ranking, new Map(grades), measures);
      for (const [index, { name }] of measures.entries()) expect(values[name]).toBeCloseTo(expected[index] ?? NaN, 6);
    }
  });

  test("are worth something else where ties keep the order of the input, or scores their double precision", () => {
    const differ = (order: (run: readonly (readonly [string, number])[]) => readonly string[]): number =>
      figures.cases.filter(({ run, grades, expected }) => {
        const values = measuresOf(order(run), new Map(grades), measures);
        return measures.some(({ name }, index) => Math.abs((values[name] ?? NaN) - (expected[index] ?? NaN)) > 1e-5);
      }).length;
    expect(differ((run) => [...run].sort(([, one], [, other]) => other - one).map(([id]) => id))).toBeGreaterThan(20);
    const inDouble = ([id, score]: readonly [string, number], [other, value]: readonly [string, number]): number =>
      value - score || Buffer.compare(Buffer.from(other), Buffer.from(id));
    expect(differ((run) => [...run].sort(inDouble).map(([id]) => id))).toBeGreaterThan(5);
  });
});
