import type { Hono } from "hono";

import { checkMetrics } from "../access/permissions.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import { shadowReport } from "../telemetry/metrics/shadow-report.ts";
import type { MetricsPage } from "../telemetry/telemetry.ts";

export const shadowInfoPath = "/shadow/info";

/** How second models compare with those that answered: the same figures as in `/metrics`, and for the same callers. */
export function shadowInfoRoute(app: Hono, handle: Handle, page: MetricsPage): void {
  app.get(
    shadowInfoPath,
    handle.guarded(shadowInfoPath, async (context, caller) => {
      checkMetrics(caller);
      return answerJson(context, { data: shadowReport(await page.text()) });
    }),
  );
}
