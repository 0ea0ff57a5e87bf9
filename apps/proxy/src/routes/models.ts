import { DheeraError } from "@dheera-ai/core";
import type { Hono } from "hono";

import type { Caller } from "../access/caller.ts";
import { allowedModels } from "../access/permissions.ts";
import { restOfPath } from "../http/address.ts";
import type { Handle } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import type { RequestContext } from "../http/request-context.ts";

export const modelPaths: readonly string[] = ["/v1/models", "/models"];

/** The same for clients of NVIDIA's NIM, whose base URL is `<this proxy>/nvidia/v1`. */
export const modelListPaths: readonly string[] = [...modelPaths, "/nvidia/v1/models"];

/**
 * OpenAI's list has a date for each model, in seconds. What is known of models here is since when this process serves.
 */
const created = Math.floor(performance.timeOrigin / 1000);

export function modelRoutes(app: Hono, handle: Handle): void {
  for (const path of modelListPaths)
    app.get(
      path,
      handle.seen(path, (context, caller) => {
        const names = allowedModels(caller, context.gateway.dheera.models());
        return answerJson(context, { object: "list", data: names.map(entryOf) });
      }),
    );
  // The client of Xinference asks whether keys are needed, and sends its own only then.
  app.get(
    clusterAuthPath,
    handle.open(clusterAuthPath, (context) => answerJson(context, { auth: context.gateway.access.needsKeys })),
  );
  for (const path of modelPaths)
    app.get(
      // Model names may hold slashes, and some clients send them as they are.
      `${path}/:model{.+}`,
      handle.guarded(`${path}/{model}`, (context, caller) => {
        const name = restOfPath(context.request.url, path.split("/").length - 1);
        return answerJson(context, entryOf(findModel(context, caller, name)));
      }),
    );
}

export const clusterAuthPath = "/v1/cluster/auth";

/** An entry of OpenAI's list; the client of Xinference reads `model_type`. */
function entryOf(id: string): object {
  return { id, object: "model", created, owned_by: "dheera-ai", model_type: "rerank" };
}

/** @throws DheeraError `model_not_found`, for a model that the key may not use as well: it is not to know its name */
function findModel({ gateway }: RequestContext, caller: Caller, name: string): string {
  const allowed = allowedModels(caller, gateway.dheera.models());
  const wildcard = gateway.dheera.wildcardOf(name);
  if (allowed.includes(name) || (wildcard !== undefined && allowed.includes(wildcard))) return name;
  throw new DheeraError(
    "model_not_found",
    `model: ${JSON.stringify(name.slice(0, 200))} is not known; GET /v1/models lists those that you may use`,
    { param: "model" },
  );
}
