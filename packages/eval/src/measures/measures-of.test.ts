import { expect, test } from "vitest";

import { parseMeasures } from "./measure.ts";
import { measuresOf } from "./measures-of.ts";

const measures = parseMeasures(["ndcg@10", "mrr@10", "recall@2", "map", "p@5"]);

test("a ranking without relevant documents is worth 0, and the best one 1 by all but the precision", () => {
  const grades = new Map([
    ["a", 2],
    ["b", 1],
    ["c", 0],
    ["d", -1],
  ]);
  expect(measuresOf(["c", "d", "unjudged"], grades, measures)).toEqual({
    "ndcg@10": 0,
    "mrr@10": 0,
    "recall@2": 0,
    map: 0,
    "p@5": 0,
  });
  expect(measuresOf(["a", "b", "c"], grades, measures)).toEqual({
    "ndcg@10": 1,
    "mrr@10": 1,
    "recall@2": 1,
    map: 1,
    "p@5": 0.4,
  });
});

test("all measures are 0 for a query that has no relevant document", () => {
  expect(Object.values(measuresOf(["a"], new Map([["a", 0]]), measures))).toEqual([0, 0, 0, 0, 0]);
});

test("a document that comes up twice counts once", () => {
  expect(measuresOf(["a", "a", "b"], new Map([["b", 1]]), parseMeasures(["mrr"]))).toEqual({ mrr: 1 / 2 });
});

test("names of measures are read in any case, and each counts once", () => {
  expect(parseMeasures([" NDCG@10", "ndcg@10", "map"]).map(({ name }) => name)).toEqual(["ndcg@10", "map"]);
});

test.each(["ndcg@0", "p", "ndcg@-1", "ndcg@1.5", "dcg@10", "", "ndcg@", "ndcg@99999999"])(
  "the measure %j is refused with those that there are",
  (name) => {
    expect(() => parseMeasures([name])).toThrow(/is not known; there are ndcg@10, mrr@10/);
  },
);
