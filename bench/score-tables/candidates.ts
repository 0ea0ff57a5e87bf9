import { LRUCache } from "lru-cache";
import { LRUMap } from "mnemonist";

import { ScoreTable } from "../../packages/cache/src/memory/score-table.ts";

/** A way to keep scores by digest, with their times. */
export interface Candidate {
  readonly name: string;
  /** For about `pairs` pairs, in requests of `documents` each. */
  create(pairs: number): Store;
}

export interface Store {
  set(scope: string, digests: readonly string[], scores: readonly number[]): void;
  /** How many of the scores are known. */
  countKnown(scope: string, digests: readonly string[]): number;
}

const hour = 3_600_000;

/** The obvious one: a pair is a key, its score a value, times are the library's. */
const lruCacheOfPairs: Candidate = {
  name: "lru-cache, a pair an entry, its own ttl",
  create(pairs) {
    const cache = new LRUCache<string, number>({ max: pairs, ttl: hour });
    return {
      set: (_, digests, scores) => digests.forEach((digest, at) => cache.set(digest.slice(0, 16), scores[at] ?? 0)),
      countKnown: (_, digests) => digests.filter((digest) => cache.get(digest.slice(0, 16)) !== undefined).length,
    };
  },
};

/** Typed arrays for values and links, a `Map` for the keys. It knows no time. */
const mnemonist: Candidate = {
  name: "mnemonist LRUMap, Float64Array of values, no ttl",
  create(pairs) {
    const cache = new LRUMap<string, number>(Array, Float64Array, pairs);
    return {
      set: (_, digests, scores) => digests.forEach((digest, at) => cache.set(digest.slice(0, 16), scores[at] ?? 0)),
      countKnown: (_, digests) => digests.filter((digest) => cache.get(digest.slice(0, 16)) !== undefined).length,
    };
  },
};

/** The library evicts whole queries by their bytes; a query's pairs lie in typed arrays. */
const lruCacheOfScopes: Candidate = {
  name: "lru-cache, a query an entry, pairs in typed arrays",
  create(pairs) {
    const cache = new LRUCache<string, Pairs>({ maxSize: pairs * 1000, sizeCalculation: ({ bytes }) => bytes });
    return {
      set: (scope, digests, scores) => void cache.set(scope, new Pairs(digests, scores)),
      countKnown: (scope, digests) => cache.get(scope)?.countKnown(digests) ?? 0,
    };
  },
};

function ownTable(bytesOfAPair: number): Candidate {
  return {
    name: `own table, ${bytesOfAPair} bytes set aside a pair`,
    create(pairs) {
      const table = new ScoreTable(pairs * bytesOfAPair);
      const now = Date.now();
      return {
        set: (_, digests, scores) =>
          digests.forEach((digest, at) =>
            table.set(digest, { score: scores[at] ?? 0, created: now, expires: now + hour }, now),
          ),
        countKnown: (_, digests) => digests.filter((digest) => !Number.isNaN(table.get(digest, now))).length,
      };
    },
  };
}

/** With as many places as there are pairs: sets overflow while others have room. */
const ownTableFull = ownTable(32);

export const candidates: readonly Candidate[] = [
  lruCacheOfPairs,
  mnemonist,
  lruCacheOfScopes,
  ownTable(56),
  ownTable(48),
  ownTableFull,
];

/** Both with places for so many pairs: the first in one order of use, the second in one order for each set. */
export const exactAndNearly: readonly Candidate[] = [lruCacheOfPairs, ownTableFull];

/** As small as typed arrays allow; found by the first word of the key. */
class Pairs {
  readonly #firstWords: Uint32Array;
  readonly #rest: Uint32Array;
  readonly #scores: Float64Array;

  constructor(digests: readonly string[], scores: readonly number[]) {
    this.#firstWords = new Uint32Array(digests.map(firstWord));
    // The key's other words, created, expires.
    this.#rest = new Uint32Array(digests.length * 5);
    this.#scores = new Float64Array(scores);
  }

  get bytes(): number {
    return this.#firstWords.byteLength + this.#rest.byteLength + this.#scores.byteLength;
  }

  countKnown(digests: readonly string[]): number {
    return digests.filter((digest) => this.#firstWords.includes(firstWord(digest))).length;
  }
}

function firstWord(digest: string): number {
  return (
    (digest.charCodeAt(0) |
      (digest.charCodeAt(1) << 8) |
      (digest.charCodeAt(2) << 16) |
      (digest.charCodeAt(3) << 24)) >>>
    0
  );
}
