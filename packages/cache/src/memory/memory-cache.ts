import type { CacheScope, CacheLookup, ScoreCache } from "@dheera-ai/core";

import { MemoryTier } from "./memory-tier.ts";

export interface MemoryCacheOptions {
  /** Memory for scores in MiB, default 64. Each takes 32 bytes; a full cache makes room by forgetting what was least recently used. */
  readonly max_size_mb?: number;
  /** Seconds a score is remembered where the request does not say; default 3600. */
  readonly ttl?: number;
  /** Milliseconds since 1970; the system's clock when absent. */
  readonly now?: () => number;
}

export interface MemoryCacheStats {
  /** Scores held in memory; an expired one counts until its place is needed. */
  readonly entries: number;
  /** Memory set aside for them; the system hands it over as it is used. */
  readonly bytes: number;
}

export interface MemoryCache extends ScoreCache {
  lookUp(scope: CacheScope, documents: readonly string[], maxAge?: number): CacheLookup;
  stats(): MemoryCacheStats;
}

/**
 * Scores in the memory of this process, within a fixed number of bytes whatever is asked.
 * @throws RangeError when `max_size_mb` or `ttl` makes no sense.
 */
export function memoryCache(options: MemoryCacheOptions = {}): MemoryCache {
  const memory = new MemoryTier(options);
  return {
    lookUp(scope, documents, maxAge) {
      const { digests, scores } = memory.lookUp(scope, documents, maxAge);
      return {
        scores,
        store: (positions, computed, ttl) => void memory.store(digests, positions, computed, ttl),
      };
    },
    stats: () => memory.stats(),
  };
}
