import type { GatewaySnapshot } from "../telemetry/telemetry.ts";
import type { Gateway } from "./gateway.ts";

/** What telemetry shows of a gateway. */
export function snapshotOf({ dheera, config, cache }: Pick<Gateway, "dheera" | "config" | "cache">): GatewaySnapshot {
  return {
    dheera,
    keyNames: config.general_settings.keys.map(({ name }) => name),
    ...(cache && { cache: cache.value.stats() }),
  };
}
