import type { Hono } from "hono";

import { allowedModels } from "../access/permissions.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";

export const modelPaths: readonly string[] = ["/v1/models", "/models"];

/**
 * OpenAI's list has a date for each model, in seconds. What is known of models here is since when this process serves.
 */
const created = Math.floor(performance.timeOrigin / 1000);

export function modelRoutes(app: Hono, handle: Handle): void {
  for (const path of modelPaths)
    app.get(
      path,
      handle.guarded(path, (context, caller) => {
        const names = allowedModels(caller, context.gateway.dheera.models());
        return answerJson(context, {
          object: "list",
          data: names.map((id) => ({ id, object: "model", created, owned_by: "dheera-ai" })),
        });
      }),
    );
}
