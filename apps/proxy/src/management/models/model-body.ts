import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import { adoptLiteLlmNames } from "../../config/read/litellm-names.ts";
import { type DataRecord, isRecord } from "../../config/read/record.ts";

/** What a request says of a deployment, under the proxy's own names. `null` removes what is there. */
export interface ModelBody {
  readonly modelName: string | undefined;
  readonly params: DataRecord;
  readonly info: DataRecord;
  readonly blocked: boolean | undefined;
  /** What the request calls the parameters, for messages. */
  readonly section: string;
}

/** @throws DheeraError `invalid_request` naming the field */
export function readModelBody(body: unknown): ModelBody {
  const parsed = v.safeParse(modelBody, body);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue) ?? "body";
    throw new DheeraError("invalid_request", `${field} ${issue.message}`, { param: field });
  }
  const { model_name: modelName, litellm_params, dheera_ai_params, model_info, blocked } = parsed.output;
  const section = litellm_params ? "litellm_params" : "dheera_ai_params";
  for (const [field, value] of Object.entries({ [section]: litellm_params ?? dheera_ai_params, model_info }))
    if (!isShallow(value))
      throw new DheeraError("invalid_request", `${field} must not be nested more than ${mostDepth} deep`, {
        param: field,
      });
  if (litellm_params && dheera_ai_params)
    throw new DheeraError("invalid_request", "litellm_params and dheera_ai_params mean the same: give one of them", {
      param: "litellm_params",
    });
  return {
    modelName: modelName ?? undefined,
    params: ownNames(litellm_params ?? dheera_ai_params ?? {}),
    info: Object.fromEntries(Object.entries(model_info ?? {}).filter(([name]) => !ofServer.has(name))),
    blocked: blocked ?? undefined,
    section,
  };
}

/** `{ "id": … }`, LiteLLM's body of a deletion. @throws DheeraError `invalid_request` */
export function readModelId(body: unknown): string {
  const parsed = v.safeParse(modelIdBody, body);
  if (!parsed.success)
    throw new DheeraError("invalid_request", "id must be the id of a deployment, as /model/info has it", {
      param: "id",
    });
  return parsed.output.id;
}

/** What the proxy says of a deployment by itself, which scripts send back. */
const ofServer: ReadonlySet<string> = new Set([
  "db_model",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
  "state",
]);

const map = (description: string): v.GenericSchema<DataRecord | null | undefined> =>
  v.nullish(v.pipe(v.record(v.string(), v.unknown(), "must be a map of settings"), v.description(description)));

/** `POST /model/new`, `/model/update` and `PATCH /model/{model_id}/update`. */
export const modelBody = v.object(
  {
    model_name: v.nullish(
      v.pipe(
        v.string("must be a text"),
        v.trim(),
        v.minLength(1, "must not be empty"),
        v.maxLength(200, "must have at most 200 characters"),
        v.description("The name that callers use; a new deployment needs it."),
      ),
    ),
    litellm_params: map(
      "What a deployment of the configuration has under `dheera_ai_params`, `model` first of all. What is secret in it is kept encrypted and never shown.",
    ),
    dheera_ai_params: map("The same, under the proxy's own name; one of both."),
    model_info: map("What is known of it, such as prices; `id` names the deployment."),
    blocked: v.nullish(v.pipe(v.boolean("must be true or false"), v.description("Keeps it from serving."))),
  },
  "must be a JSON object with model_name and litellm_params",
);

/** `POST /model/delete`. */
export const modelIdBody = v.object({
  id: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(200),
    v.description("The deployment's id, as `/model/info` has it."),
  ),
});

const mostDepth = 8;

/** Steps that follow look at every value, one within the other. */
function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth < mostDepth && Object.values(value).every((part) => isShallow(part, depth + 1));
}

function ownNames(params: DataRecord): DataRecord {
  const { model_list: entries } = adoptLiteLlmNames({ model_list: [{ dheera_ai_params: params }] });
  const [entry]: readonly unknown[] = Array.isArray(entries) ? entries : [];
  const adopted = isRecord(entry) ? entry["dheera_ai_params"] : undefined;
  return isRecord(adopted) ? adopted : params;
}
