import { rateLimitRedis } from "../access/limits/redis-address.ts";
import type { GatewayBatches } from "../batches/gateway-batches.ts";
import { namesRedis } from "../config/check/check-batches.ts";
import type { Config } from "../config/config.ts";
import { type Shared, takeOver } from "./shared.ts";

/**
 * Opens the storage and the queue of batches, or takes over what the gateway before has opened; undefined where none is configured, and
 * then nothing of it is loaded.
 * @throws Error naming the setting
 */
export async function openSharedBatches(
  config: Config,
  previous: Shared<GatewayBatches> | undefined,
): Promise<Shared<GatewayBatches> | undefined> {
  const { batch_settings: settings, router_settings: router } = config;
  const { storage, run_in_proxy: _where, concurrency: _lines, ...opened } = settings;
  if (storage === undefined) return undefined;
  // A Redis that only caches may forget what it has: it is asked to be a queue, or it is none.
  const isRedis = settings.queue === "redis" || (settings.queue === undefined && namesRedis(router));
  const redis = isRedis ? rateLimitRedis(config) : undefined;
  return takeOver(previous, { storage, redis, ...opened }, async () => {
    const { openGatewayBatches } = await import("../batches/gateway-batches.ts");
    return openGatewayBatches(storage, settings, redis);
  });
}
