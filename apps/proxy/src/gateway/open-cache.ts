import type { ScoreCache } from "@dheera-ai/core";

import type { CacheParams } from "../config/config.ts";
import type { Logger } from "../telemetry/telemetry.ts";

/** A score cache with its type and its state. */
export interface OpenCache {
  readonly scores: ScoreCache;
  readonly type: CacheParams["type"];
  isUp(): boolean;
  /** Scores in the memory of this process, and the bytes reserved for them. */
  stats(): { readonly entries: number; readonly bytes: number };
  close(): Promise<void>;
}

/** Opens the score cache; the package is loaded only where one is configured. */
export async function openCache({ type, ...params }: CacheParams, log: Logger): Promise<OpenCache> {
  const { memoryCache, redisCache } = await import("@dheera-ai/cache");
  if (type === "local") {
    const scores = memoryCache(params);
    return { scores, type, isUp: () => true, stats: () => scores.stats(), close: async () => {} };
  }
  const scores = redisCache({ ...params, onError: (error) => log.warn(error.message) });
  return {
    scores,
    type,
    isUp: () => scores.stats().redis !== "down",
    stats: () => scores.stats(),
    close: () => scores.close(),
  };
}
