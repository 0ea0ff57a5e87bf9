import type { GatewaySnapshot } from "../telemetry/telemetry.ts";
import type { Gateway } from "./gateway.ts";

/** What telemetry shows of a gateway. */
export function snapshotOf({
  dheera,
  access,
  cache,
  accounts,
  batches,
}: Pick<Gateway, "dheera" | "access" | "cache" | "accounts" | "batches">): GatewaySnapshot {
  return {
    dheera,
    keyNames: access.keyNames,
    ...(accounts && { budgets: accounts.budgets() }),
    ...(batches && { batches: { ...batches.value.figures, depth: () => batches.value.batches.depth() } }),
    ...(cache && { cache: cache.value.stats() }),
  };
}
