import { Hono } from "hono";

import { addressErrorBody } from "../formats/error-body.ts";
import { foreignFormats } from "../formats/foreign/all-foreign.ts";
import { callIdOf } from "../http/handle.ts";
import { jsonResponse } from "../http/json-response.ts";
import { methodsByPath } from "./list-routes.ts";

/**
 * Answers requests that match no other route, in JSON: 405 for a path that exists under another method, 404 for any
 * other. To be added last.
 */
export function wrongAddressRoutes(app: Hono): void {
  // In an app of their own, because a second match in the main app would make Hono build a chain of handlers for valid
  // requests.
  const wrong = new Hono({ strict: false });
  for (const [path, allowed] of methodsByPath(app))
    wrong.all(path, ({ req }) => {
      const allow = [...allowed].join(", ");
      const id = callIdOf(req.raw.headers);
      return jsonResponse(
        addressErrorBody("method_not_allowed", `${path} answers to ${allow}, not to ${req.method}`, id),
        405,
        {
          allow,
          "x-dheera-call-id": id,
        },
      );
    });

  wrong.notFound(({ req }) => {
    const id = callIdOf(req.raw.headers);
    const message = `there is nothing at this path; reranking is at POST ${foreignPathOf(req.path) ?? "/v2/rerank, /v1/rerank and /rerank"}`;
    return jsonResponse(addressErrorBody("not_found", message, id), 404, { "x-dheera-call-id": id });
  });
  app.notFound(({ req }) => wrong.fetch(req.raw));
}

/** Where the clients rank whose prefix a path begins with. */
function foreignPathOf(path: string): string | undefined {
  const prefix = /^\/\w+\//.exec(path)?.[0];
  const paths = foreignFormats.filter((format) => prefix !== undefined && format.path.startsWith(prefix));
  return paths.length === 0 ? undefined : paths.map((format) => format.path).join(" and ");
}
