import * as fc from "fast-check";
import { expect, test } from "vitest";

import { indexCollection } from "./index-collection.ts";
import { pool } from "./pool.ts";
import { sampleQueries } from "./sample-queries.ts";

const queries = Array.from({ length: 50 }, (_, index) => ({ id: `q${index}` }));

test("a sample has as many queries as asked for, in their order, and does not depend on it", () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(), fc.shuffledSubarray(queries, { minLength: 50 }), (count, seed, shuffled) => {
      const sample = sampleQueries(queries, count, seed);
      expect(sample).toHaveLength(Math.min(count, 50));
      expect(sample).toEqual(queries.filter((query) => sample.includes(query)));
      expect(new Set(sampleQueries(shuffled, count, seed))).toEqual(new Set(sample));
    }),
  );
});

test("a larger sample has all of a smaller one, and another seed has others", () => {
  const ten = sampleQueries(queries, 10, 7);
  expect(sampleQueries(queries, 20, 7)).toEqual(expect.arrayContaining([...ten]));
  expect(sampleQueries(queries, 10, 8)).not.toEqual(ten);
});

test("a pool has the best of each ranking in turns, each document once", () => {
  const rankings = [["a", "b", "c"], ["b", "d"], []];
  expect(pool(rankings)).toEqual(["a", "b", "d", "c"]);
  expect(pool(rankings, { depth: 1 })).toEqual(["a", "b"]);
  expect(pool(rankings, { most: 3 })).toEqual(["a", "b", "d"]);
  expect(pool([])).toEqual([]);
});

test("a collection is searched by its ids, best first, equal ones in its order", async () => {
  const documents = new Map([
    ["z", "a cat"],
    ["y", "a dog and a cat"],
    ["x", "a cat"],
    ["w", "a bird"],
  ]);
  const { search } = await indexCollection({ documents });
  expect(search("cats", 10).map(({ id }) => id)).toEqual(["z", "x", "y"]);
  expect(search("cats", 1).map(({ id }) => id)).toEqual(["z"]);
  expect(search("fish", 10)).toEqual([]);
});
