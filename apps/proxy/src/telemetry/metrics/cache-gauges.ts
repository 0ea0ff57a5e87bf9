import type { TakeSnapshot } from "../subject.ts";
import type { Instruments } from "./instruments.ts";

/** Shows the score cache as it is when somebody asks; nothing where there is none. */
export function addCacheGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // The registry asks in order, so that the first one's look serves them all.
  const entries = instruments.gauge("cache_entries", "Scores held in memory.", [], { collect: show });
  const bytes = instruments.gauge("cache_bytes", "Memory set aside for scores.", []);
  const redis = instruments.gauge(
    "cache_redis_up",
    "1: Redis is used. 0: it cannot be reached, and memory serves alone.",
    [],
    {
      aggregator: "min",
    },
  );
  const skipped = instruments.counter(
    "cache_redis_skipped",
    "Reads and writes done without Redis because it was away, slow or full.",
    [],
  );

  function show(): void {
    // A gauge without labels shows 0 after a reset; this removes it.
    for (const gauge of [entries, bytes, redis]) gauge.remove({});
    const cache = takeSnapshot()?.cache;
    if (!cache) return;
    entries.set(cache.entries);
    bytes.set(cache.bytes);
    if (cache.redis !== undefined) redis.set(cache.redis === "up" ? 1 : 0);
    if (cache.skipped !== undefined) skipped.tally({}).value = cache.skipped;
  }
}
