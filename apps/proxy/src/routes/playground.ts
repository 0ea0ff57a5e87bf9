import type { Hono } from "hono";
import { etag } from "hono/etag";

import type { Handle } from "../http/handle.ts";
import { pageHeaders } from "../pages/page-headers.ts";
import { loadPageAssets, pageResponse } from "../pages/page-response.ts";

const assetNames = ["playground.js", "playground.css", "docs.css", "icon.svg"] as const;

/** The first page and the files of all pages. They are for everybody: what the page shows it asks for with the key that is typed. */
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
