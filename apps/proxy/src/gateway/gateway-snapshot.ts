import type { GatewaySnapshot, RedisUse } from "../telemetry/telemetry.ts";
import type { Gateway } from "./gateway.ts";

/** What telemetry shows of a gateway. */
export function snapshotOf({
  dheera,
  access,
  cache,
  accounts,
  teams,
  batches,
  usage,
  sharedServers,
}: Pick<
  Gateway,
  "dheera" | "access" | "cache" | "accounts" | "teams" | "batches" | "usage" | "sharedServers"
>): GatewaySnapshot {
  const redis: readonly RedisUse[] = [
    ...(usage.value.rates.state ? [{ use: "rate_limits" as const, state: usage.value.rates.state }] : []),
    ...(sharedServers ? [{ use: "servers" as const, state: sharedServers.value.state }] : []),
  ];
  return {
    dheera,
    keyNames: access.keyNames,
    ...(accounts && { budgets: accounts.budgets() }),
    ...(teams && {
      database: {
        isUp: teams.trouble === undefined,
        spending: teams.spending.figures(),
        reports: teams.database.reportFigures(),
      },
    }),
    ...(redis.length > 0 && { redis }),
    ...(batches && { batches: { ...batches.value.figures, totals: () => batches.value.batches.totals() } }),
    ...(cache && { cache: cache.value.stats() }),
  };
}
