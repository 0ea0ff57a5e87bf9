import type { GatewaySnapshot } from "../telemetry/telemetry.ts";
import type { Gateway } from "./gateway.ts";

/** What telemetry shows of a gateway. */
export function snapshotOf({
  dheera,
  access,
  cache,
  accounts,
}: Pick<Gateway, "dheera" | "access" | "cache" | "accounts">): GatewaySnapshot {
  return {
    dheera,
    keyNames: access.keyNames,
    ...(accounts && { budgets: accounts.budgets() }),
    ...(cache && { cache: cache.value.stats() }),
  };
}
