import { DheeraError, findWildcard, isWildcard } from "@dheera-ai/core";

import type { Caller } from "./caller.ts";

/**
 * @param model the configured name; one with an asterisk stands for what was asked for
 * @param asked what the caller called the model; its own words alone are repeated, because an id would betray the name
 * @throws DheeraError `forbidden` for a model that the caller's key does not name
 */
export function checkModel({ key }: Caller, model: unknown, asked: unknown = model): void {
  if (key?.models === undefined || (typeof model === "string" && key.models.includes(model))) return;
  // A key may name one of the models that an asterisk stands for.
  if (typeof model === "string" && isWildcard(model) && typeof asked === "string" && key.models.includes(asked)) return;
  throw new DheeraError(
    "forbidden",
    `the key ${key.name} may not use ${typeof asked === "string" ? `the model ${JSON.stringify(asked.slice(0, 200))}` : "this model"}; it may use ${key.models.join(", ") || "none"}`,
    {
      param: "model",
    },
  );
}

/** @throws DheeraError `forbidden` for a key that its entry does not let read metrics */
export function checkMetrics({ isMaster, key }: Caller): void {
  if (isMaster || key?.read_metrics) return;
  throw new DheeraError(
    "forbidden",
    "only the master key, and keys with read_metrics: true, may read /metrics, because it shows all keys and models",
  );
}

/** Those of the model names that the caller may use, and those that its key names of what an asterisk stands for. */
export function allowedModels({ key }: Caller, names: readonly string[]): readonly string[] {
  const { models } = key ?? {};
  if (models === undefined) return names;
  const wildcards = names.filter(isWildcard);
  const single = models.filter((name) => !names.includes(name) && findWildcard(wildcards, name) !== undefined);
  return [...names.filter((name) => models.includes(name)), ...single];
}

/**
 * The first that the caller may use by its name, for clients of servers that serve one model: in the order in which its key names
 * models, or that of the configuration where it may use all.
 */
export function firstModel({ key }: Caller, names: readonly string[]): string | undefined {
  const { models } = key ?? {};
  if (models === undefined) return names.find((name) => !isWildcard(name));
  const wildcards = names.filter(isWildcard);
  return models.find(
    (name) => !isWildcard(name) && (names.includes(name) || findWildcard(wildcards, name) !== undefined),
  );
}

/** @throws DheeraError `model_not_found` where the caller may use none by its name */
export function demandFirstModel(caller: Caller, names: readonly string[]): string {
  const model = firstModel(caller, names);
  if (model === undefined)
    throw new DheeraError("model_not_found", "there is no model that you may use", { param: "model" });
  return model;
}

/** @throws DheeraError `invalid_request` for more documents than the caller's key, or one that it belongs to, allows */
export function checkDocumentCount({ key, owners }: Caller, documents: number): void {
  if (key?.max_documents === undefined || documents <= key.max_documents) return;
  const owner = owners.find(({ limits }) => limits.maxDocuments === key.max_documents);
  throw new DheeraError(
    "invalid_request",
    `documents: ${documents} documents are more than the ${key.max_documents} that the ${owner?.kind ?? "key"} ${owner?.name ?? key.name} may send at once; send them in several requests`,
    { param: "documents" },
  );
}

/** @throws DheeraError `invalid_request` naming the field; null counts as absent */
export function refuseDestination(body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  for (const field of Object.keys(body))
    if (destinationFields.has(field) && Reflect.get(body, field) !== null)
      throw new DheeraError(
        "invalid_request",
        `${field}: a request cannot choose the upstream or its credentials; ask the operator to add the model to model_list`,
        { param: field },
      );
}

/**
 * Fields with which a request could choose the upstream or its credentials. Other gateways have leaked keys through
 * them.
 */
const destinationFields: ReadonlySet<string> = new Set([
  "api_base",
  "base_url",
  "api_key",
  "api_version",
  "user_config",
  "headers",
  "extra_headers",
  "extra_body",
  "custom_llm_provider",
  "dheera_ai_params",
  "litellm_params",
  "model_list",
  "router_settings",
  "organization",
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_bedrock_runtime_endpoint",
  "azure_ad_token",
  "vertex_credentials",
]);
