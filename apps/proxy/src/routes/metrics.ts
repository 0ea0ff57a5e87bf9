import type { Hono } from "hono";

import { checkMetrics } from "../access/permissions.ts";
import type { Handle } from "../http/handle.ts";
import type { MetricsPage } from "../telemetry/telemetry.ts";

/** `/metrics`, which not every key may read, because it holds the names and the traffic of all models and keys. */
export function metricsRoutes(app: Hono, handle: Handle, page: MetricsPage): void {
  app.get(
    "/metrics",
    handle.guarded("/metrics", async ({ headers }, caller) => {
      checkMetrics(caller);
      return new Response(await page.text(), { headers: { ...headers, "content-type": page.contentType } });
    }),
  );
}
