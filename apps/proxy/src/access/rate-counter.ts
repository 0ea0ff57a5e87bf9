import type { RateLimiterAbstract } from "rate-limiter-flexible";

/** Counts what was used within the current minute of each name. */
export interface RateCounter {
  /** Adds and tells the sum. @throws whatever the store throws when it cannot be reached */
  add(name: string, points: number): Promise<Usage>;
  /** Takes back what was added for a request that was refused after all. */
  giveBack(name: string, points: number): void;
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
  return rateCounter(new RateLimiterMemory(countOnly));
}

/** A counter over any store that the library knows. */
export function rateCounter(limiter: RateLimiterAbstract, close?: () => Promise<void>): RateCounter {
  return {
    async add(name, points) {
      const { consumedPoints, msBeforeNext } = await limiter.consume(name, points);
      return { used: consumedPoints, resetsIn: msBeforeNext };
    },
    giveBack(name, points) {
      limiter.reward(name, points).catch(() => {});
    },
    ...(close && { close }),
  };
}
