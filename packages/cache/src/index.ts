export {
  type MemoryCache,
  type MemoryCacheOptions,
  type MemoryCacheStats,
  memoryCache,
} from "./memory/memory-cache.ts";
export { type RedisCache, type RedisCacheOptions, type RedisCacheStats, redisCache } from "./redis/redis-cache.ts";
export type { RedisState } from "./redis/reconnecting-redis.ts";
export type { RedisAddress } from "./redis/redis-settings.ts";
