import type { Teams } from "@dheera-ai/teams";

import type { RateCounter } from "../../access/limits/rate-counter.ts";
import type { OpenCache } from "../open-cache.ts";

/** The services other than models that the proxy relies on. */
export const serviceNames = ["cache", "rate_limits", "database"] as const;

export interface ServiceHealth {
  readonly name: (typeof serviceNames)[number];
  /** `local`: in the memory of this process. `none`: not configured. */
  readonly type: string;
  /** `off`: not configured. */
  readonly status: "healthy" | "unhealthy" | "off";
}

export async function checkServices(
  cache: OpenCache | undefined,
  rates: RateCounter,
  teams: Pick<Teams, "database" | "trouble"> | undefined,
): Promise<readonly ServiceHealth[]> {
  const rateLimits = await rates.check?.().then(
    () => "healthy" as const,
    () => "unhealthy" as const,
  );
  return [
    cache
      ? { name: "cache", type: cache.type, status: cache.isUp() ? "healthy" : "unhealthy" }
      : { name: "cache", type: "none", status: "off" },
    { name: "rate_limits", type: rates.type, status: rateLimits ?? "healthy" },
    teams
      ? { name: "database", type: teams.database.kind, status: teams.trouble ? "unhealthy" : "healthy" }
      : { name: "database", type: "none", status: "off" },
  ];
}
