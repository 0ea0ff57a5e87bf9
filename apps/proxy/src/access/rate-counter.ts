import type { RateLimiterAbstract } from "rate-limiter-flexible";

/** Counts what was used within the current minute of each name. */
export interface RateCounter {
  /** `local`: in the memory of this process or of the one that started it. */
  readonly type: "local" | "redis";
  /** Adds and tells the sum. @throws whatever the store throws when it cannot be reached */
  add(name: string, points: number): Promise<Usage>;
  /** Takes back what was added for a request that was refused after all. */
  giveBack(name: string, points: number): void;
  /** @throws whatever the store throws when it cannot be reached; absent where there is none beside this process */
  check?(): Promise<void>;
  close?(): Promise<void>;
}

export interface Usage {
  readonly used: number;
  /** Milliseconds until the minute is over. */
  readonly resetsIn: number;
}

/** Never refuses by itself: limits differ from key to key and change with the configuration, while counts go on. */
export const countOnly: { readonly points: number; readonly duration: number } = { points: Number.MAX_SAFE_INTEGER, duration: 60 };

/** A counter in the memory of this process. */
export async function memoryRateCounter(): Promise<RateCounter> {
  const { RateLimiterMemory } = await import("rate-limiter-flexible");
  return rateCounter("local", new RateLimiterMemory(countOnly));
}

/** A counter over any store that the library knows. */
export function rateCounter(type: RateCounter["type"], limiter: RateLimiterAbstract): RateCounter {
  return {
    type,
    async add(name, points) {
      const { consumedPoints, msBeforeNext } = await limiter.consume(name, points);
      return { used: consumedPoints, resetsIn: msBeforeNext };
    },
    giveBack(name, points) {
      limiter.reward(name, points).catch(() => {});
    },
  };
}
