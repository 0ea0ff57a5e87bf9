import type { CacheScope } from "@dheera-ai/core";

import type { MemoryCacheOptions, MemoryCacheStats } from "./memory-cache.ts";
import { pairDigests } from "../digests/pair-digests.ts";
import { RecentDigests } from "../digests/recent-digests.ts";
import { type Entry, ScoreTable } from "./score-table.ts";

/** What this process remembers of the documents it was asked for. */
export interface Remembered {
  /** One for each document. */
  readonly digests: readonly string[];
  /** NaN where none is known. */
  readonly scores: Float64Array;
}

/** What this process remembers by digest. */
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

  /** Looks for scores that are at most `maxAge` seconds old. */
  lookUp(scope: CacheScope, documents: readonly string[], maxAge?: number): Remembered {
    const now = this.#now();
    const notBefore = maxAge === undefined ? undefined : now - maxAge * 1000;
    const pairs = pairDigests(scope, documents, this.#recent);
    // Not Float64Array.from with a mapping: it takes eight times as long.
    const scores = new Float64Array(pairs.digests.map((digest) => this.#table.get(digest, now, notBefore)));
    if (pairs.isNew) this.#recent.keep(pairs.scope, documents, pairs.digests, scores);
    return { digests: pairs.digests, scores };
  }

  /** Keeps the finite scores of documents that were asked for, and tells what it kept. */
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
    this.keep(entries);
    return entries;
  }

  /** Keeps what was computed somewhere else or earlier, unless it has expired. */
  keep(entries: ReadonlyMap<string, Entry>): void {
    const now = this.#now();
    for (const [digest, entry] of entries) this.#table.set(digest, entry, now);
  }

  stats(): MemoryCacheStats {
    return { entries: this.#table.entries, bytes: this.#table.bytes };
  }
}

/** Ten years of seconds: callers name any number, and Redis does not take any. */
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
