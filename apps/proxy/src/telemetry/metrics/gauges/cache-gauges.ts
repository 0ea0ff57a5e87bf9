import type { TakeSnapshot } from "../../telemetry.ts";
import type { Instruments } from "../instruments.ts";

/** Shows the state of the score cache at the time of the scrape; nothing where there is no cache. */
export function addCacheGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // The registry collects metrics in order, so one snapshot at the first one serves them all.
  const entries = instruments.gauge("cache_entries", [], { collect: show });
  const bytes = instruments.gauge("cache_bytes", []);
  const redis = instruments.gauge("cache_redis_up", [], {
    aggregator: "min",
  });
  const skipped = instruments.counter("cache_redis_skipped", []);

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
