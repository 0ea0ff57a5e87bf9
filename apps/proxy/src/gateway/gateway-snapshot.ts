import type { GatewaySnapshot } from "../telemetry/telemetry.ts";
import type { Gateway } from "./gateway.ts";

/** What telemetry shows of a gateway. */
export function snapshotOf({
  dheera,
  access,
  cache,
  accounts,
  teams,
  batches,
}: Pick<Gateway, "dheera" | "access" | "cache" | "accounts" | "teams" | "batches">): GatewaySnapshot {
  return {
    dheera,
    keyNames: access.keyNames,
    ...(accounts && { budgets: accounts.budgets() }),
    ...(teams && { refusedAnswers: teams.spending.refused }),
    ...(batches && { batches: { ...batches.value.figures, totals: () => batches.value.batches.totals() } }),
    ...(cache && { cache: cache.value.stats() }),
  };
}
