import { yieldToEventLoop, isLarge } from "../lib/yield-to-event-loop.ts";
import type { CacheScope, CacheLookup, ScoreCache } from "./score-cache.ts";

/** Documents whose keys are made in one go: other requests wait for that long. */
const partSize = 1_000;

/** What a cache knows of documents that do not depend on one another: of many, a part at a time, so that other requests go on between. */
export async function lookUpInBatches(
  cache: ScoreCache,
  scope: CacheScope,
  documents: readonly string[],
  maxAge: number | undefined,
  signal: AbortSignal,
): Promise<CacheLookup> {
  if (!isLarge(documents.length)) return cache.lookUp(scope, documents, maxAge);
  const parts: CacheLookup[] = [];
  for (let start = 0; start < documents.length; start += partSize) {
    parts.push(await cache.lookUp(scope, documents.slice(start, start + partSize), maxAge));
    await yieldToEventLoop();
    if (signal.aborted) throw signal.reason;
  }
  return whole(parts, documents.length);
}

/** Tells a cache of computed scores, many of them a part at a time. */
export async function storeInBatches(
  lookup: CacheLookup,
  positions: readonly number[],
  scores: Float64Array,
  ttl: number | undefined,
): Promise<void> {
  if (!isLarge(positions.length)) return lookup.store(positions, scores, ttl);
  for (let start = 0; start < positions.length; start += partSize) {
    await yieldToEventLoop();
    lookup.store(positions.slice(start, start + partSize), scores.subarray(start, start + partSize), ttl);
  }
}

function whole(parts: readonly CacheLookup[], documents: number): CacheLookup {
  const all = new Float64Array(documents);
  parts.forEach(({ scores }, number) => all.set(scores, number * partSize));
  return {
    scores: all,
    store: (positions, scores, ttl) => {
      const mine = parts.map((part) => ({ part, positions: new Array<number>(), scores: new Array<number>() }));
      positions.forEach((position, index) => {
        const share = mine[Math.floor(position / partSize)];
        share?.positions.push(position % partSize);
        share?.scores.push(scores[index] ?? Number.NaN);
      });
      for (const share of mine) if (share.positions.length > 0) share.part.store(share.positions, share.scores, ttl);
    },
  };
}
