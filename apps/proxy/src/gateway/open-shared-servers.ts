import { type RedisAddress, rateLimitRedis } from "../access/limits/redis-address.ts";
import type { Config } from "../config/config.ts";
import type { SharedServers } from "../sharing/shared-servers.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import type { Share } from "./share-limits.ts";

export interface SharedServerSettings {
  readonly redis: RedisAddress;
  readonly workers: number;
}

/** Undefined where no Redis is configured, or `router_settings.shared_admission` is false. */
export function sharedServerSettings(config: Config, share: Share | undefined): SharedServerSettings | undefined {
  const redis = config.router_settings.shared_admission === false ? undefined : rateLimitRedis(config);
  return redis && { redis, workers: share?.count ?? 1 };
}

/** The code for it is loaded only where it is configured. */
export async function openSharedServers({ redis, workers }: SharedServerSettings, log: Logger): Promise<SharedServers> {
  const { SharedServers: Opened } = await import("../sharing/shared-servers.ts");
  return new Opened({ address: redis, workers, log });
}
