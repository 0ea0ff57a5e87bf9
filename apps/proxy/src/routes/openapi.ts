import type { Hono } from "hono";

import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";

/** The description of the API, for everybody: there is nothing of the configuration in it. */
export function openapiRoutes(app: Hono, handle: Handle): void {
  app.get(
    "/openapi.json",
    // Loaded when somebody asks: most proxies are never asked.
    handle.open("/openapi.json", async (context) =>
      answerJson(context, (await import("../openapi/openapi-document.ts")).openapiDocument()),
    ),
  );
}
