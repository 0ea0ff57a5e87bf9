import { DheeraError } from "@dheera-ai/core";
import type { Hono } from "hono";

import { localCaller } from "../../access/caller.ts";
import { partOfPath } from "../../http/address.ts";
import type { Handle } from "../../http/handle.ts";
import { answerJson } from "../../http/json-response.ts";
import { readJsonBody } from "../../http/read-json-body.ts";
import type { RequestContext } from "../../http/request-context.ts";
import { type Action, authorize } from "../../management/authorize.ts";
import type { ModelManagement } from "../../management/models/manage-models.ts";
import { readModelBody, readModelId } from "../../management/models/model-body.ts";
import type { Person } from "../../sign-in/person.ts";

/** Deployments in the database, by LiteLLM's paths and bodies. The code behind is loaded when the first is asked for. */
export function manageModelRoutes(app: Hono, handle: Handle): void {
  app.post(
    "/model/new",
    handle.managed("/model/new", async (context, person) => {
      const management = managementOf(context, person, "create");
      const { addModel } = await import("../../management/models/manage-models.ts");
      const shown = await addModel(management, readModelBody(await readBody(context)));
      return answerChanged(context, shown);
    }),
  );
  app.post(
    "/model/update",
    handle.managed("/model/update", async (context, person) => {
      const management = managementOf(context, person, "change");
      const { changeModel } = await import("../../management/models/manage-models.ts");
      const body = readModelBody(await readBody(context));
      const { id } = body.info;
      if (typeof id !== "string")
        throw new DheeraError(
          "invalid_request",
          "model_info.id must be the id of a deployment, as /model/info has it",
          {
            param: "model_info.id",
          },
        );
      return answerChanged(context, await changeModel(management, id, body));
    }),
  );
  app.patch(
    "/model/:model_id/update",
    handle.managed("/model/{model_id}/update", async (context, person) => {
      const management = managementOf(context, person, "change");
      const { changeModel } = await import("../../management/models/manage-models.ts");
      const body = readModelBody(await readBody(context));
      return answerChanged(context, await changeModel(management, partOfPath(context.request.url, 1), body));
    }),
  );
  app.post(
    "/model/delete",
    handle.managed("/model/delete", async (context, person) => {
      const management = managementOf(context, person, "delete");
      const { removeModel } = await import("../../management/models/manage-models.ts");
      const id = readModelId(await readBody(context));
      await removeModel(management, id);
      return answerChanged(context, { message: `Model: ${id} deleted successfully` });
    }),
  );
}

/** @throws DheeraError `forbidden` for who may not, `invalid_request` where there is no database for it */
function managementOf({ gateway }: RequestContext, person: Person, action: Action): ModelManagement {
  authorize(person, action, { kind: "model" });
  const { teams, added, config } = gateway;
  if (!config.general_settings.store_model_in_db)
    throw new DheeraError(
      "invalid_request",
      "general_settings.store_model_in_db is false: no deployments are kept in the database",
    );
  if (!teams || !added)
    throw new DheeraError("invalid_request", "deployments are added to a database: set general_settings.database_url");
  return { gateway, stores: teams.stores, added, actor: { name: person.name } };
}

/** When this process answers, it serves what was changed; the others follow within two seconds. */
async function answerChanged(context: RequestContext, body: object): Promise<Response> {
  await context.gateway.refreshAdded();
  return answerJson(context, body);
}

async function readBody({ request, env, gateway, caller }: RequestContext): Promise<unknown> {
  const room = gateway.bodies.room(caller ?? localCaller, () => request.signal);
  try {
    return await readJsonBody(request, env, { mostBytes: 200_000, mostValues: 5_000 }, room);
  } finally {
    room.leave();
  }
}
