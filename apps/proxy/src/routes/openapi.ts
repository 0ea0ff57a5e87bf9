import type { Hono } from "hono";

import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";

/** The description of the API. It needs no key, because it holds nothing of the configuration. */
export function openapiRoutes(app: Hono, handle: Handle): void {
  app.get(
    "/openapi.json",
    // Loaded at the first request, because most proxies never get one.
    handle.open("/openapi.json", async (context) =>
      answerJson(context, (await import("../openapi/openapi-document.ts")).openapiDocument()),
    ),
  );
}
