import type { Hono } from "hono";

import { allowedModels } from "../access/permissions.ts";
import type { Doors } from "../http/handle.ts";
import { respond } from "../http/request-context.ts";

export const modelPaths: readonly string[] = ["/v1/models", "/models"];

/** OpenAI's list wants a date; LiteLLM gives this one for every model. */
const created = 1_677_610_602;

export function modelRoutes(app: Hono, doors: Doors): void {
  for (const path of modelPaths)
    app.get(
      path,
      doors.guarded(path, (visit, caller) => {
        const names = allowedModels(caller, visit.gateway.dheera.models());
        return respond(visit, {
          object: "list",
          data: names.map((id) => ({ id, object: "model", created, owned_by: "dheera-ai" })),
        });
      }),
    );
}
