import type { Hono } from "hono";

import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";

/**
 * What programs that were written for LiteLLM ask for to see whether a proxy is there, and which paths it has. As
 * there, both need no key; they hold nothing of the configuration.
 */
export function routeLists(app: Hono, handle: Handle): void {
  app.get(
    "/test",
    handle.open("/test", (context) => answerJson(context, { route: "/test" })),
  );
  app.get(
    "/routes",
    handle.open("/routes", async (context) => {
      // Loaded at the first request, because most proxies never get one.
      const { paths } = (await import("../openapi/openapi-document.ts")).openapiDocument();
      return answerJson(context, {
        routes: [...methodsByPath(app)].map(([pattern, methods]) => {
          const path = pattern.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}");
          const described = Object.values(paths[path] ?? {});
          const name = described[0]?.operationId ?? null;
          return { path, methods: [...methods], name, endpoint: name };
        }),
      });
    }),
  );
}

/** Every path of the app, without handlers for all methods. */
export function methodsByPath({ routes }: Hono): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of routes) {
    if (method === "ALL") continue;
    const allowed = methods.get(path) ?? new Set();
    methods.set(path, allowed.add(method));
  }
  return methods;
}
