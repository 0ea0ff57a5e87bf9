import { BodyBudget } from "../access/limits/body-budget.ts";
import { ParallelCounts } from "../access/limits/parallel-limits.ts";
import type { RateCounter } from "../access/limits/rate-counter.ts";
import { type RedisAddress, rateLimitRedis } from "../access/limits/redis-address.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../telemetry/telemetry.ts";

/** Counters of what callers use. They outlive a configuration, so that a reload does not reset limits. */
export interface UsageCounters {
  readonly rates: RateCounter;
  readonly parallel: ParallelCounts;
  readonly bodies: BodyBudget;
  close(): Promise<void>;
}

export interface UsageCounterSettings {
  readonly redis: RedisAddress | undefined;
  readonly onFailure: "open" | "closed";
}

export function usageCounterSettings(config: Config): UsageCounterSettings {
  return { redis: rateLimitRedis(config), onFailure: config.general_settings.rate_limit_failure };
}

/** @param localCounter Makes the counter of rates where there is no Redis. */
export async function openUsageCounters(
  { redis, onFailure }: UsageCounterSettings,
  localCounter: () => RateCounter,
  log: Logger,
): Promise<UsageCounters> {
  const rates = redis ? await openRedis(redis, onFailure, log) : localCounter();
  return { rates, parallel: new ParallelCounts(), bodies: new BodyBudget(), close: async () => rates.close?.() };
}

/** The code for Redis is loaded only where one is configured. */
async function openRedis(address: RedisAddress, onFailure: "open" | "closed", log: Logger): Promise<RateCounter> {
  const { RedisRateCounter } = await import("../access/limits/redis-rate-counter.ts");
  return new RedisRateCounter({ address, onFailure, log });
}
