/** The connection to Redis that the cache relies on, for what else shares counts or scores through one. */
export { RedisLink } from "./redis/redis-link.ts";
export type { RedisScript } from "./redis/redis-connection.ts";
export { type RedisAddress, redisSettings } from "./redis/redis-settings.ts";
