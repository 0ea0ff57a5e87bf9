import type { Hono } from "hono";
import { etag } from "hono/etag";

import type { Handle } from "../http/handle.ts";
import { pageHeaders, pageResponse } from "../pages/page-response.ts";

/** The description of the API as a page for people. */
export function docsRoutes(app: Hono, handle: Handle): void {
  app.get(
    "/docs",
    pageHeaders,
    etag(),
    handle.open("/docs", async ({ headers }) => {
      const [{ docsPage }, { openapiDocument }] = await Promise.all([
        import("../pages/docs/docs-page.ts"),
        import("../openapi/openapi-document.ts"),
      ]);
      return pageResponse("docs.html", await docsPage(openapiDocument()), headers);
    }),
  );
}
