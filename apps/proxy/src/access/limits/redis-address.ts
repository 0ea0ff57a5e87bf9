import type { Config } from "../../config/config.ts";

/** How to reach Redis. */
export interface RedisAddress {
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number | undefined;
}

/**
 * The Redis that shares rate limits: that of `router_settings`, or else that of the cache. Undefined when there is
 * none.
 */
export function rateLimitRedis({
  router_settings: router,
  dheera_ai_settings: settings,
}: Pick<Config, "router_settings" | "dheera_ai_settings">): RedisAddress | undefined {
  if (router.redis_url !== undefined || router.redis_host !== undefined)
    return {
      url: router.redis_url,
      host: router.redis_host,
      port: router.redis_port,
      username: router.redis_username,
      password: router.redis_password,
      db: router.redis_db,
    };
  if (!settings.cache || settings.cache_params?.type !== "redis") return undefined;
  const { url, host, port, username, password, db } = settings.cache_params;
  return { url, host, port, username, password, db };
}
