import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { CacheScope } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { memoryCache } from "./memory-cache.ts";

const million = 1_000_000;
const megabytes = 2;
const limit = megabytes * 2 ** 20;
/** By how much the memory of the process itself varies: the collector's bookkeeping, compiled code. */
const slack = 4 * 2 ** 20;

describe("distinct pairs stay under the configured bytes", () => {
  it.each([
    { traffic: "a million in requests of a hundred documents", pairs: million, documentsPerQuery: 100 },
    { traffic: "two hundred thousand documents for one query", pairs: million / 5, documentsPerQuery: million / 5 },
    { traffic: "two hundred thousand queries with one document each", pairs: million / 5, documentsPerQuery: 1 },
  ])("$traffic", { timeout: 120_000 }, ({ pairs, documentsPerQuery }) => {
    const before = usedMemory();
    const cache = memoryCache({ max_size_mb: megabytes });
    for (let first = 0; first < pairs; first += documentsPerQuery)
      store(cache, `query ${first}`, first, documentsPerQuery);
    const { entries, bytes } = cache.stats();
    const after = usedMemory();

    expect(bytes).toBeLessThanOrEqual(limit);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThanOrEqual(limit + 2 ** 20);
    expect(after.total - before.total).toBeLessThanOrEqual(limit + slack);
    // Practically full: the bound is kept by dropping old scores, not by refusing new ones.
    expect(entries).toBeGreaterThan((0.999 * limit) / 32);
    expect(
      cache.lookUp({ ...scope, query: `query ${pairs - documentsPerQuery}` }, [`document ${pairs - 1}`]).scores[0],
    ).toBe(pairs - 1);
  });
});

const scope: CacheScope = { fingerprint: "bge-reranker-base@1", params: "{}", query: "" };

/** In parts of at most 10,000 documents, the maximum of one request. */
function store(cache: ReturnType<typeof memoryCache>, query: string, first: number, count: number): void {
  for (let start = first; start < first + count; start += 10_000) {
    const numbers = Array.from({ length: Math.min(10_000, first + count - start) }, (_, at) => start + at);
    const lookup = cache.lookUp(
      { ...scope, query },
      numbers.map((number) => `document ${number}`),
    );
    lookup.store([...numbers.keys()], numbers);
  }
}

function usedMemory(): { arrayBuffers: number; total: number } {
  setFlagsFromString("--expose-gc");
  const collectGarbage: unknown = runInNewContext("gc");
  if (typeof collectGarbage !== "function") throw new Error("the garbage collector cannot be called");
  // Array buffers are freed in the background, and the next collection waits for that.
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { arrayBuffers, total: heapUsed + external };
}
