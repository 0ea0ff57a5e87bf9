import type { Hono } from "hono";

import type { Doors } from "../http/handle.ts";
import { respond } from "../http/request-context.ts";

/** The description of the API, for everybody: there is nothing of the configuration in it. */
export function openapiRoutes(app: Hono, doors: Doors): void {
  app.get(
    "/openapi.json",
    // Loaded when somebody asks: most proxies are never asked.
    doors.open("/openapi.json", async (visit) =>
      respond(visit, (await import("../openapi/openapi-document.ts")).openapiDocument()),
    ),
  );
}
