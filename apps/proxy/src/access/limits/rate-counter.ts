import type { RateLimiterAbstract } from "rate-limiter-flexible";

/** Counts for each name what was used within the current minute. */
export interface RateCounter {
  /** `local`: in the memory of this process or of the one that started it. */
  readonly type: "local" | "redis";
  /** Adds points and returns the sum. @throws the store's error when the store cannot be reached */
  add(name: string, points: number): Promise<Usage>;
  /** Takes back points that were added for a request that is refused after all. */
  giveBack(name: string, points: number): void;
  /** @throws the store's error when the store cannot be reached; absent where this process is the store */
  check?(): Promise<void>;
  close?(): Promise<void>;
}

export interface Usage {
  readonly used: number;
  /** Milliseconds until the minute is over. */
  readonly resetsIn: number;
}

/**
 * The store only counts and never refuses, because limits differ from key to key and change with the configuration,
 * while counts go on.
 */
export const countOnly: { readonly points: number; readonly duration: number } = {
  points: Number.MAX_SAFE_INTEGER,
  duration: 60,
};

/** A counter in the memory of this process. */
export function memoryRateCounter(): RateCounter {
  return rateCounter("local", async () => {
    const { RateLimiterMemory } = await import("rate-limiter-flexible");
    return new RateLimiterMemory(countOnly);
  });
}

/**
 * A counter over any store of the library. The store is opened at the first count, because most proxies count nothing.
 */
export function rateCounter(type: RateCounter["type"], open: () => Promise<RateLimiterAbstract>): RateCounter {
  let opened: Promise<RateLimiterAbstract> | undefined;
  const limiter = (): Promise<RateLimiterAbstract> => (opened ??= open());
  return {
    type,
    async add(name, points) {
      const { consumedPoints, msBeforeNext } = await (await limiter()).consume(name, points);
      return { used: consumedPoints, resetsIn: msBeforeNext };
    },
    giveBack(name, points) {
      limiter()
        .then((store) => store.reward(name, points))
        .catch(() => {});
    },
  };
}
