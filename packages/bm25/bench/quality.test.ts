import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { ndcg } from "./collection.ts";
import { measureQuality } from "./rerank-quality.ts";

const collections = fileURLToPath(new URL("../../../../shared/collections", import.meta.url));

describe.skipIf(!existsSync(collections))("bm25/default, given the best 100 documents of a collection", () => {
  test.each([
    { name: "cranfield", atLeast: 0.375 },
    { name: "cisi", atLeast: 0.36 },
  ])("ranks $name so that nDCG@10 is at least $atLeast", { timeout: 120_000 }, async ({ name, atLeast }) => {
    const { background, candidates } = await measureQuality(`${collections}/${name}`, "english", 100);
    expect(background).toBeGreaterThan(atLeast);
    expect(background).toBeGreaterThan(candidates);
  });
});

test("nDCG@10 is 1 for the best order, and less for another", () => {
  const grades = new Map([
    [1, 2],
    [2, 1],
  ]);
  expect(ndcg([1, 2, 3], grades)).toBe(1);
  expect(ndcg([2, 1, 3], grades)).toBeCloseTo((1 + 2 / Math.log2(3)) / (2 + 1 / Math.log2(3)), 12);
  expect(ndcg([3, 4], grades)).toBe(0);
});
