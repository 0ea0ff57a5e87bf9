import type { Paths } from "../open-api.ts";
import { written } from "./examples.ts";
import { describeManaged } from "./operation.ts";

const id = "words-2";
const params = { model: "bm25/default" } as const;
const shown = {
  model_id: id,
  model_name: "words",
  litellm_params: params,
  dheera_ai_params: params,
  model_info: { id, db_model: true },
  blocked: false,
  ...written,
  warnings: [],
} as const;
const access = "When this is answered the process that answers serves so, and every other one within two seconds.";

/** Deployments in the database, beside those of the configuration file; `/model/info` shows both. */
export function describeModelPaths(): Paths {
  return describeManaged({
    "/model/new": {
      post: {
        id: "newModel",
        summary: "Add a deployment",
        description: `${access} The same with the same \`model_info.id\` may come once more.`,
        body: ["ModelRequest", { model_name: "words", litellm_params: params, model_info: { id } }],
        answers: "AddedModel",
        example: shown,
      },
    },
    "/model/update": {
      post: {
        id: "updateModel",
        summary: "Change an added deployment",
        description: `Which one, says \`model_info.id\`. What is absent stays as it is, null removes a parameter. ${access}`,
        body: ["ModelRequest", { litellm_params: { rpm: 600 }, model_info: { id } }],
        answers: "AddedModel",
        example: { ...shown, litellm_params: { ...params, rpm: 600 }, dheera_ai_params: { ...params, rpm: 600 } },
      },
    },
    "/model/{model_id}/update": {
      patch: {
        id: "updateModelById",
        summary: "Change the added deployment of this id",
        parameters: [
          {
            name: "model_id",
            in: "path",
            required: true,
            description: "Its id.",
            example: id,
            schema: { type: "string" },
          },
        ],
        body: ["ModelRequest", { litellm_params: { rpm: null } }],
        answers: "AddedModel",
        example: shown,
      },
    },
    "/model/delete": {
      post: {
        id: "deleteModel",
        summary: "Delete an added deployment",
        body: ["ModelIdRequest", { id }],
        answers: "DeletedModel",
        example: { message: `Model: ${id} deleted successfully` },
      },
    },
  });
}
