import type { RateCounter } from "../../access/limits/rate-counter.ts";
import type { OpenCache } from "../open-cache.ts";

/** A service other than models that the proxy relies on. */
export interface ServiceHealth {
  readonly name: "cache" | "rate_limits";
  /** `local`: in the memory of this process. */
  readonly type: string;
  readonly status: "healthy" | "unhealthy";
}

export async function checkServices(
  cache: OpenCache | undefined,
  rates: RateCounter,
): Promise<readonly ServiceHealth[]> {
  const rateLimits = await rates.check?.().then(
    () => "healthy" as const,
    () => "unhealthy" as const,
  );
  return [
    ...(cache ? [{ name: "cache", type: cache.type, status: cache.isUp() ? "healthy" : "unhealthy" } as const] : []),
    { name: "rate_limits", type: rates.type, status: rateLimits ?? "healthy" },
  ];
}
