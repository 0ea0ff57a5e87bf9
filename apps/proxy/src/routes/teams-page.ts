import type { Hono } from "hono";
import { etag } from "hono/etag";

import type { Handle } from "../http/handle.ts";
import { loadPageAssets, pageHeaders, pageResponse } from "../pages/page-response.ts";

/**
 * The page of keys, teams and spend, at the path of LiteLLM's. It needs no key: it asks for what it shows as the person
 * who signs in on it, and says how to set up the database where there is none.
 */
export function teamsPageRoute(app: Hono, handle: Handle): void {
  app.get(
    "/ui",
    pageHeaders,
    etag(),
    handle.open("/ui", async ({ request, headers }) => {
      // The page's own addresses are relative, and would begin one folder too low.
      if (new URL(request.url).pathname.endsWith("/"))
        return new Response(null, { status: 308, headers: { ...headers, location: "../ui" } });
      return pageResponse("teams.html", (await loadPageAssets())["teams.html"], headers);
    }),
  );
}
