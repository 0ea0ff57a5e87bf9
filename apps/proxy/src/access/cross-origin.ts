import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

import type { GatewayRef } from "../gateway/gateway-ref.ts";

/** Lets pages of the configured origins call the proxy. */
export function crossOrigin(current: GatewayRef): MiddlewareHandler {
  return cors({
    origin: (origin) => {
      const allowed = current.gateway.config.general_settings.cors_allowed_origins ?? [];
      if (allowed.includes("*")) return "*";
      return allowed.includes(origin) ? origin : null;
    },
    allowMethods: ["GET", "POST", "PATCH", "DELETE", "OPTIONS"],
    exposeHeaders: exposed,
    maxAge: 600,
  });
}

/** Headers that a page may read. */
const exposed = [
  "retry-after",
  "x-dheera-call-id",
  "x-dheera-model-id",
  "x-dheera-model-name",
  "x-dheera-passthrough",
  "x-dheera-attempted-retries",
  "x-dheera-attempted-fallbacks",
  "x-dheera-batches",
  "x-dheera-cache-hits",
  "x-dheera-cache-misses",
  "x-dheera-response-duration-ms",
  "x-dheera-overhead-duration-ms",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
  "x-ratelimit-limit-documents",
  "x-ratelimit-remaining-documents",
  "x-ratelimit-reset-documents",
];
