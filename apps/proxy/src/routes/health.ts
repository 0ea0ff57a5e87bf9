import type { Hono } from "hono";

import type { Doors } from "../doors.ts";
import { respond } from "../visit.ts";

export const livenessPaths: readonly string[] = ["/health/liveliness", "/health/liveness"];

/** Probes; their shapes are LiteLLM's. */
export function healthRoutes(app: Hono, doors: Doors): void {
  for (const path of livenessPaths)
    app.get(
      path,
      doors.open(path, (visit) =>
        visit.state === "draining" ? respond(visit, { status: "shutting_down" }, 503) : respond(visit, "I'm alive!"),
      ),
    );

  app.get(
    "/health/readiness",
    doors.open("/health/readiness", (visit) => {
      if (visit.state === "serving") return respond(visit, { status: "healthy" });
      return respond(visit, { status: visit.state === "draining" ? "shutting_down" : "starting" }, 503);
    }),
  );
}
