export { type MemoryCache, type MemoryCacheOptions, type MemoryCacheStats, memoryCache } from "./memory-cache.ts";
export { type RedisCache, type RedisCacheOptions, type RedisCacheStats, redisCache } from "./redis-cache.ts";
export type { RedisState } from "./redis-link.ts";
export type { RedisAddress } from "./redis-settings.ts";
