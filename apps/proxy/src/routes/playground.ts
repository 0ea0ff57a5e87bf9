import type { Hono } from "hono";
import { etag } from "hono/etag";

import type { Handle } from "../http/handle.ts";
import { loadPageAssets, pageHeaders, pageResponse } from "../pages/page-response.ts";

const assetNames = [
  "playground.js",
  "playground.css",
  "teams.js",
  "teams-administration.js",
  "teams.css",
  "batches.js",
  "batches.css",
  "docs.css",
  "docs.js",
  "icon.svg",
] as const;

/**
 * The playground and the files of all pages. They need no key: the page itself requests what it shows with the key that
 * its user types.
 */
export function playgroundRoutes(app: Hono, handle: Handle): void {
  app.get(
    "/",
    pageHeaders,
    etag(),
    handle.open("/", async ({ headers }) => {
      return pageResponse("playground.html", (await loadPageAssets())["playground.html"], headers);
    }),
  );
  for (const name of assetNames) {
    const path = `/assets/${name}`;
    app.get(
      path,
      pageHeaders,
      etag(),
      handle.open(path, async ({ headers }) => pageResponse(name, (await loadPageAssets())[name], headers)),
    );
  }
}
