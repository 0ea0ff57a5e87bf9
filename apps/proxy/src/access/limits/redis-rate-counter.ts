import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "../../telemetry/telemetry.ts";
import { type RateCounter, countOnly, rateCounter } from "./rate-counter.ts";
import type { RedisAddress } from "./redis-address.ts";

const mostReconnectMs = 1_000;

/**
 * A counter in Redis, shared by all processes that use the same one. While Redis cannot be reached, `open` counts in
 * this process and `closed` refuses to count.
 * @param timeoutMs a request waits this long for Redis
 */
export async function redisRateCounter(
  address: RedisAddress,
  onFailure: "open" | "closed",
  log: Logger,
  timeoutMs: number = 250,
): Promise<RateCounter> {
  const [{ createClient }, { RLWrapperTimeouts, RateLimiterMemory, RateLimiterRedis }] = await Promise.all([
    import("@redis/client"),
    import("rate-limiter-flexible"),
  ]);
  const { url, host, port, username, password, db } = address;
  const client = createClient({
    disableOfflineQueue: true,
    socket: {
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      reconnectStrategy: (attempts) => Math.min(attempts * 100, mostReconnectMs),
    },
    ...(url !== undefined && { url }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(db !== undefined && { database: db }),
  });
  let isKnownDown = false;
  client.on("error", (error: Error) => {
    if (!isKnownDown) log.warn(`rate limits cannot be shared, because Redis cannot be reached: ${error.message}`);
    isKnownDown = true;
  });
  client.on("ready", () => {
    isKnownDown = false;
  });
  // Requests do not wait for the connection, because it may never come about.
  void client.connect().catch(() => {});

  const keyPrefix = "dheera-ai:rate";
  const shared = new RateLimiterRedis({
    ...countOnly,
    keyPrefix,
    storeClient: client,
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
  });
  const insurance =
    onFailure === "open" ? { insuranceLimiter: new RateLimiterMemory({ ...countOnly, keyPrefix }) } : {};
  const limiter = new RLWrapperTimeouts({ limiter: shared, timeoutMs, ...insurance });
  return {
    ...rateCounter("redis", async () => limiter),
    async check() {
      await Promise.race([client.ping(), failAfter(timeoutMs)]);
    },
    async close() {
      client.destroy();
    },
  };
}

async function failAfter(milliseconds: number): Promise<never> {
  await sleep(milliseconds, undefined, { ref: false });
  throw new Error(`Redis did not answer within ${milliseconds} ms`);
}
