import type { CacheLookup, ScoreCache } from "@dheera-ai/core";

import { type MemoryCacheOptions, type MemoryCacheStats, MemoryTier } from "../memory/memory-cache.ts";
import { failureReporter } from "./failure-reporter.ts";
import type { RedisState } from "./reconnecting-redis.ts";
import { type RedisAddress, redisSettings } from "./redis-settings.ts";
import { RedisStore } from "./redis-store.ts";

export interface RedisCacheOptions extends RedisAddress, MemoryCacheOptions {
  /** What every key in Redis begins with, default `dheera-ai`. Replicas share scores when it is the same. */
  readonly namespace?: string | undefined;
  /** Whole milliseconds a request waits for Redis at most; default 50. */
  readonly timeout_ms?: number | undefined;
  /** Called with the reason why Redis cannot be used: at most once a minute, so that it can go to a log as it is. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** What it holds in memory, and how Redis is. */
export interface RedisCacheStats extends MemoryCacheStats {
  readonly redis: RedisState;
  /** Reads and writes done without Redis because it was unreachable, slow or full, since the start. */
  readonly skipped: number;
}

export interface RedisCache extends ScoreCache {
  /** Resolves when the first attempt to reach Redis has ended, with or without success. Waiting for it is optional. */
  ready(): Promise<void>;
  stats(): RedisCacheStats;
  /** Ends the connection, which keeps the process alive as long as it is open. */
  close(): Promise<void>;
}

/**
 * Scores in Redis or Valkey, shared by all processes that use the same one, behind scores in the memory of this
 * process. Redis is asked for scores that are not in memory; while it is slow, hangs or cannot be reached, memory
 * serves alone.
 * @throws RangeError or TypeError when an option makes no sense, but not when Redis cannot be reached.
 */
export function redisCache(options: RedisCacheOptions = {}): RedisCache {
  const { now = Date.now, namespace = "dheera-ai", timeout_ms = 50, onError = () => {} } = options;
  if (!(Number.isInteger(timeout_ms) && timeout_ms > 0 && timeout_ms < 2 ** 31))
    throw new RangeError(`timeout_ms is ${timeout_ms}; give a whole number of milliseconds above 0`);
  const memory = new MemoryTier(options);
  const settings = redisSettings(options);
  const redis = new RedisStore({
    settings,
    namespace,
    timeoutMs: timeout_ms,
    now,
    onFailure: failureReporter(settings, onError),
  });

  /** Fills in the missing scores that Redis has. */
  async function askRedis(digests: readonly string[], scores: Float64Array, maxAge?: number): Promise<void> {
    const found = await redis.read(missing(digests, scores), maxAge);
    memory.storeEntries(found);
    for (const [position, digest] of digests.entries()) {
      const entry = found.get(digest);
      if (entry) scores[position] = entry.score;
    }
  }

  return {
    lookUp(scope, documents, maxAge) {
      const { digests, scores } = memory.lookUp(scope, documents, maxAge);
      const lookup: CacheLookup = {
        scores,
        store: (positions, computed, ttl) => redis.write(memory.store(digests, positions, computed, ttl)),
      };
      if (missing(digests, scores).length === 0) return lookup;
      if (redis.state !== "down") return askRedis(digests, scores, maxAge).then(() => lookup);
      redis.skip();
      return lookup;
    },
    ready: () => redis.firstAttempt,
    stats: () => ({ ...memory.stats(), redis: redis.state, skipped: redis.skipped }),
    async close() {
      redis.close();
    },
  };
}

function missing(digests: readonly string[], scores: Float64Array): string[] {
  return digests.filter((_, position) => Number.isNaN(scores[position]));
}
