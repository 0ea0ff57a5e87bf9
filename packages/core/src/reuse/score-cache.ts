/** What besides the document decides a score. Scores are shared only where all of it is equal. */
export interface CacheScope {
  /** The deployment's fingerprint. */
  readonly fingerprint: string;
  /** The parameters that change scores, rendered in a stable order. */
  readonly params: string;
  readonly query: string;
  readonly namespace?: string;
  /** For listwise models: all documents in order, because each score depends on all of them. */
  readonly list?: readonly string[];
}

/** What a cache knew of some documents, and the way to store more without hashing them again. */
export interface CacheLookup {
  /** One for each document asked for; NaN where unknown. */
  readonly scores: Float64Array;
  /**
   * Stores `scores[i]` for the document at `positions[i]` of those asked for. Never throws, never waits. `ttl`:
   * seconds.
   */
  store(positions: readonly number[], scores: ArrayLike<number>, ttl?: number): void;
}

/** A place where scores are kept. It may forget anything at any time; it never fails or stalls a request. */
export interface ScoreCache {
  /** `maxAge`: seconds; older scores count as unknown. */
  lookUp(scope: CacheScope, documents: readonly string[], maxAge?: number): CacheLookup | Promise<CacheLookup>;
  close?(): Promise<void>;
}
