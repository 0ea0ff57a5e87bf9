import type { Hono } from "hono";

import type { Handle } from "../http/handle.ts";
import type { MetricsPage } from "../telemetry/telemetry.ts";

/** `/metrics`, which needs a key, because it holds the names of models and keys. */
export function metricsRoutes(app: Hono, handle: Handle, page: MetricsPage): void {
  app.get(
    "/metrics",
    handle.guarded(
      "/metrics",
      async ({ headers }) =>
        new Response(await page.text(), { headers: { ...headers, "content-type": page.contentType } }),
    ),
  );
}
