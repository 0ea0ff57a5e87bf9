import { type MemoryCache, memoryCache } from "@dheera-ai/cache";

import { bestOf } from "./cache/best-of.ts";
import { usedMemory } from "./cache/used-memory.ts";

/**
 * What the score cache in memory costs: `node -C source bench/cache.ts`. Memory is what the process uses more after the
 * garbage is collected; times are the best of many rounds, hashing included.
 */
const scope = {
  fingerprint: "BAAI/bge-reranker-base@4f2e",
  params: "[true]",
  query: "How do I rotate an API key without downtime?",
};
const documents = Array.from({ length: 100 }, (_, number) =>
  `${number} ${"All human beings are born free and equal in dignity. ".repeat(20)}`.slice(0, 1000),
);
const shortDocuments = documents.map((_, number) => `${number}`);
const positions = [...documents.keys()];

console.table([await measureMemory(46), await measureMemory(53), await measureMemory(64), await measureMemory(16)]);
console.table(measureTime());

/** Stores a million pairs in a cache, 100 to a query. */
async function measureMemory(megabytes: number): Promise<object> {
  // The runtime gives up a few megabytes of its own at some time after the start, never the other way round.
  const [first, second] = [await fill(megabytes), await fill(megabytes)];
  const bytes = Math.max(first.bytes, second.bytes);
  const { entries } = first.cache.stats();
  return { max_size_mb: megabytes, "known of 1,000,000": entries, "bytes a known pair": round(bytes / entries) };
}

async function fill(megabytes: number): Promise<{ cache: MemoryCache; bytes: number }> {
  const before = await usedMemory();
  const cache = memoryCache({ max_size_mb: megabytes });
  for (let query = 0; query < 10_000; query++)
    cache.lookUp({ ...scope, query: `${query}` }, shortDocuments).store(positions, positions);
  return { cache, bytes: (await usedMemory()) - before };
}

function measureTime(): object[] {
  const cache = memoryCache();
  const strangers = memoryCache();
  const lookup = cache.lookUp(scope, documents);
  lookup.store(positions, positions);
  return [
    { what: "look up 100 known documents of 1 kB", µs: round(bestOf(100, 100, () => cache.lookUp(scope, documents))) },
    {
      what: "look up 100 unknown documents of 1 kB",
      µs: round(bestOf(100, 100, () => strangers.lookUp(scope, documents))),
    },
    { what: "remember 100 scores", µs: round(bestOf(100, 100, () => lookup.store(positions, positions))) },
    {
      what: "look up 1 known document of 1 kB",
      µs: round(bestOf(100, 1000, () => cache.lookUp(scope, documents.slice(0, 1)))),
    },
  ];
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
