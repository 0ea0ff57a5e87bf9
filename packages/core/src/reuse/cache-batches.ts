import { isMany, yieldToEventLoop } from "../lib/waiting.ts";
import type { CacheLookup, CacheScope, ScoreCache } from "./score-cache.ts";

/** Documents whose keys are made in one go: other requests wait for that long. */
const batchSize = 1_000;

/**
 * What a cache knows of documents that do not depend on one another: many are looked up in batches, so that other
 * requests go on between.
 */
export async function lookUpInBatches(
  cache: ScoreCache,
  scope: CacheScope,
  documents: readonly string[],
  maxAge: number | undefined,
  signal: AbortSignal,
): Promise<CacheLookup> {
  if (!isMany(documents.length)) return cache.lookUp(scope, documents, maxAge);
  const batches: CacheLookup[] = [];
  for (let start = 0; start < documents.length; start += batchSize) {
    batches.push(await cache.lookUp(scope, documents.slice(start, start + batchSize), maxAge));
    await yieldToEventLoop();
    if (signal.aborted) throw signal.reason;
  }
  return joinLookups(batches, documents.length);
}

/** Stores computed scores in a cache, many of them in batches. */
export async function storeInBatches(
  lookup: CacheLookup,
  positions: readonly number[],
  scores: Float64Array,
  ttl: number | undefined,
): Promise<void> {
  if (!isMany(positions.length)) return lookup.store(positions, scores, ttl);
  for (let start = 0; start < positions.length; start += batchSize) {
    await yieldToEventLoop();
    lookup.store(positions.slice(start, start + batchSize), scores.subarray(start, start + batchSize), ttl);
  }
}

function joinLookups(batches: readonly CacheLookup[], documents: number): CacheLookup {
  const all = new Float64Array(documents);
  batches.forEach(({ scores }, number) => all.set(scores, number * batchSize));
  return {
    scores: all,
    store: (positions, scores, ttl) => {
      const parts = batches.map((batch) => ({ batch, positions: new Array<number>(), scores: new Array<number>() }));
      positions.forEach((position, index) => {
        const part = parts[Math.floor(position / batchSize)];
        part?.positions.push(position % batchSize);
        part?.scores.push(scores[index] ?? Number.NaN);
      });
      for (const part of parts) if (part.positions.length > 0) part.batch.store(part.positions, part.scores, ttl);
    },
  };
}
