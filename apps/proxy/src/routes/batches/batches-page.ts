import type { Hono } from "hono";
import { etag } from "hono/etag";

import type { Handle } from "../../http/handle.ts";
import { loadPageAssets, pageHeaders, pageResponse } from "../../pages/page-response.ts";

/** The page of batches. It needs no key itself: it asks for what it shows with the key that its user types. */
export function batchesPageRoute(app: Hono, handle: Handle): void {
  app.get(
    "/ui/batches",
    pageHeaders,
    etag(),
    handle.open("/ui/batches", async ({ request, headers }) => {
      // The page's own addresses are relative, and would begin one folder too low.
      if (new URL(request.url).pathname.endsWith("/"))
        return new Response(null, { status: 308, headers: { ...headers, location: "../batches" } });
      return pageResponse("batches.html", (await loadPageAssets())["batches.html"], headers);
    }),
  );
}
