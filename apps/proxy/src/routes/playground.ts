import type { Hono } from "hono";
import { etag } from "hono/etag";

import { allowedModels } from "../access/permissions.ts";
import type { Doors } from "../doors.ts";
import { pageHeaders } from "../pages/page-headers.ts";
import { loadPageAssets, pageResponse } from "../pages/page-response.ts";
import { deploymentBody } from "../shapes/deployment-body.ts";
import { respond } from "../visit.ts";

const assetNames = ["playground.js", "playground.css", "docs.css", "icon.svg"] as const;

/** The first page with its files, for everybody; and what its table of deployments shows, for callers with a key. */
export function playgroundRoutes(app: Hono, doors: Doors): void {
  app.get(
    "/",
    pageHeaders,
    etag(),
    doors.open("/", async ({ headers }) => {
      return pageResponse("playground.html", (await loadPageAssets())["playground.html"], headers);
    }),
  );

  for (const name of assetNames) {
    const path = `/assets/${name}`;
    app.get(
      path,
      pageHeaders,
      etag(),
      doors.open(path, async ({ headers }) => pageResponse(name, (await loadPageAssets())[name], headers)),
    );
  }

  app.get(
    "/playground/status",
    doors.guarded("/playground/status", (visit, caller) => {
      const deployments = visit.gateway.dheera.deployments();
      const allowed = new Set(
        allowedModels(
          caller,
          deployments.map(({ modelName }) => modelName),
        ),
      );
      return respond(visit, { deployments: deployments.filter(({ modelName }) => allowed.has(modelName)).map(deploymentBody) });
    }),
  );
}
