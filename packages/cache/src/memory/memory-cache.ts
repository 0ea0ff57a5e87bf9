import type { CacheLookup, CacheScope, ScoreCache } from "@dheera-ai/core";

import { cacheKeys } from "../cache-key/cache-keys.ts";
import { RecentDigests } from "../cache-key/recent-digests.ts";
import { type Entry, ScoreTable } from "./score-table.ts";

/** How much is kept in memory, and how long. */
export interface MemoryCacheOptions {
  /**
   * Memory for scores in MiB, default 64. Each takes 32 bytes; a full cache makes room by dropping the least recently
   * used scores.
   */
  readonly max_size_mb?: number | undefined;
  /** Seconds a score is kept where the request does not say; default 3600. */
  readonly ttl?: number | undefined;
  /** Milliseconds since 1970; the system's clock when absent. */
  readonly now?: (() => number) | undefined;
}

/** What a cache in memory holds now. */
export interface MemoryCacheStats {
  /** Scores held in memory; an expired one counts until its slot is needed. */
  readonly entries: number;
  /** Memory reserved for them; the operating system hands it over as it is used. */
  readonly bytes: number;
}

export interface MemoryCache extends ScoreCache {
  lookUp(scope: CacheScope, documents: readonly string[], maxAge?: number): CacheLookup;
  stats(): MemoryCacheStats;
}

/**
 * Scores in the memory of this process, within a fixed number of bytes under any traffic.
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

interface MemoryLookup {
  /** One for each document. */
  readonly digests: readonly string[];
  /** One for each document; NaN where unknown. */
  readonly scores: Float64Array;
}

/** Scores in memory by digest: the whole of `memoryCache`, and the first tier of `redisCache`. */
export class MemoryTier {
  readonly #table: ScoreTable;
  readonly #ttl: number;
  readonly #now: () => number;
  readonly #recent = new RecentDigests();

  /** @throws RangeError when `max_size_mb` or `ttl` makes no sense. */
  constructor({ max_size_mb = 64, ttl = 3600, now = Date.now }: MemoryCacheOptions) {
    if (!(ttl > 0)) throw new RangeError(`ttl is ${ttl}; give the number of seconds a score is remembered, above 0`);
    this.#table = tableOf(max_size_mb);
    this.#ttl = ttl;
    this.#now = now;
  }

  /** Looks up scores that are at most `maxAge` seconds old. */
  lookUp(scope: CacheScope, documents: readonly string[], maxAge?: number): MemoryLookup {
    const now = this.#now();
    const notBefore = maxAge === undefined ? undefined : now - maxAge * 1000;
    const pairs = cacheKeys(scope, documents, this.#recent);
    // Not Float64Array.from with a mapping: it takes eight times as long.
    const scores = new Float64Array(pairs.digests.map((digest) => this.#table.get(digest, now, notBefore)));
    if (pairs.isNew) this.#recent.keep(pairs.scope, documents, pairs.digests, scores);
    return { digests: pairs.digests, scores };
  }

  /** Stores the finite scores of documents that were looked up, and returns the stored entries. */
  store(
    digests: readonly string[],
    positions: readonly number[],
    scores: ArrayLike<number>,
    ttl: number = this.#ttl,
  ): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    if (!(ttl > 0)) return entries;
    const created = this.#now();
    const expires = created + Math.min(ttl, longestTtl) * 1000;
    for (const [at, position] of positions.entries()) {
      const digest = digests[position];
      const score = scores[at];
      if (digest !== undefined && score !== undefined && Number.isFinite(score))
        entries.set(digest, { score, created, expires });
    }
    this.storeEntries(entries);
    return entries;
  }

  /** Stores entries as they are, such as those read from Redis; expired ones are ignored. */
  storeEntries(entries: ReadonlyMap<string, Entry>): void {
    const now = this.#now();
    for (const [digest, entry] of entries) this.#table.set(digest, entry, now);
  }

  stats(): MemoryCacheStats {
    return { entries: this.#table.entries, bytes: this.#table.bytes };
  }
}

/** Ten years of seconds: callers may name any number, but Redis has a maximum. */
const longestTtl = 10 * 365 * 24 * 3600;

function tableOf(megabytes: number): ScoreTable {
  try {
    return new ScoreTable(megabytes * 2 ** 20);
  } catch (error) {
    throw new RangeError(`max_size_mb is ${megabytes}; give a number of MiB above 0 that this machine has`, {
      cause: error,
    });
  }
}
