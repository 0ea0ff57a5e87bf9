import type { TakeSnapshot } from "../../telemetry.ts";
import type { Instruments } from "../instruments.ts";

/** Shows at the time of the scrape whether Redis can be used for what processes share; nothing where they share nothing. */
export function addRedisGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  const up = instruments.gauge("redis_up", ["use"], {
    aggregator: "min",
    collect() {
      up.reset();
      for (const { use, state } of takeSnapshot()?.redis ?? []) up.set({ use }, state === "up" ? 1 : 0);
    },
  });
}
