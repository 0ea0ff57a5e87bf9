import type { Hono } from "hono";

import type { Handle } from "../http/handle.ts";
import type { MetricsPage } from "../telemetry/telemetry.ts";

/** `/metrics` for whoever has a key: the names of models and keys are in it. */
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
