import { type RateCounter, countOnly, rateCounter } from "../../access/limits/rate-counter.ts";

const keyPrefix = "rate";

/** Counts for the workers; to be called in the first process before a worker starts. */
export async function countForWorkers(): Promise<void> {
  const { RateLimiterClusterMaster } = await import("rate-limiter-flexible");
  void new RateLimiterClusterMaster();
}

/** In a worker: counts in the first process, so that all workers count together. */
export function clusterRateCounter(): RateCounter {
  return rateCounter("local", async () => {
    const { RateLimiterCluster } = await import("rate-limiter-flexible");
    return new RateLimiterCluster({ ...countOnly, keyPrefix, timeoutMs: 1_000 });
  });
}
