import { randomUUID } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";
import { type Actor, type Stores, type ModelRow, isEncrypted, mapTexts } from "@dheera-ai/teams";

import { ConfigError } from "../../config/config-error.ts";
import { type DataRecord, isRecord } from "../../config/read/record.ts";
import { checkResolved } from "../../egress/check-address.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { AddedModels } from "./added-models.ts";
import { checkParams } from "./check-params.ts";
import type { ModelBody } from "./model-body.ts";
import { marks, parseEntry, reasonOf } from "./read-model.ts";
import { decryptParams, encryptParams, publicParams } from "./secret-params.ts";

/** What deployments are managed with. */
export interface ModelManagement {
  readonly gateway: Pick<Gateway, "served" | "namesById" | "whyRefused">;
  readonly stores: Pick<Stores, "models">;
  readonly added: Pick<AddedModels, "secrets" | "rules">;
  readonly actor: Actor;
}

/** A row as answers show it: nothing that is secret is in it. */
export interface ShownModel extends DataRecord {
  readonly model_id: string;
}

/**
 * Adds a deployment to the database. The same body with the same id may come again.
 * @throws DheeraError `invalid_request` naming what is wrong with it, as a start with a configuration file would
 */
export async function addModel(management: ModelManagement, body: ModelBody): Promise<ShownModel> {
  const { stores, added, actor } = management;
  const { modelName, params, section } = body;
  if (modelName === undefined)
    throw new DheeraError("invalid_request", "model_name is required: the name that callers use", {
      param: "model_name",
    });
  const { id: given, ...info } = body.info;
  const id = given === undefined || given === null ? randomUUID() : idOf(given);
  checkIsFree(id, management);
  const warnings = await check({ id, modelName, params: withoutNulls(params), info, section }, management);
  const existing = await stores.models.get(id);
  if (existing) {
    if (isSame(existing, { modelName, params: withoutNulls(params), info }, added))
      return { ...show(existing), warnings };
    throw new DheeraError(
      "invalid_request",
      `model_info.id ${id} is that of another deployment: change it by /model/update`,
      {
        param: "model_info.id",
      },
    );
  }
  const row = await stores.models.create(actor, {
    model_id: id,
    model_name: modelName,
    params: JSON.stringify(encryptParams(withoutNulls(params), id, added.secrets)),
    info: JSON.stringify(info),
    blocked: body.blocked ? 1 : 0,
  });
  return { ...show(row), warnings };
}

/**
 * Changes what the body names; `null` removes it.
 * @throws DheeraError `invalid_request`, `model_not_found`
 */
export async function changeModel(management: ModelManagement, id: string, body: ModelBody): Promise<ShownModel> {
  const { stores, added, actor } = management;
  const row = await stores.models.get(id);
  if (!row) throw notThere(id, management);
  const { id: _id, ...given } = body.info;
  const stored = recordOf(row.params);
  const merged = withoutNulls({ ...stored, ...body.params });
  const info = withoutNulls({ ...recordOf(row.info), ...given });
  const modelName = body.modelName ?? row.model_name;
  const params = decryptParams(merged, id, added.secrets);
  keepSecretsInPlace({ stored, merged, given: body.params, params, section: body.section }, id, added);
  const warnings = await check({ id, modelName, params, info, section: body.section }, management);
  const changed = await stores.models.update(actor, id, {
    model_name: modelName,
    params: JSON.stringify(encryptChanged(merged, id, added)),
    info: JSON.stringify(info),
    ...(body.blocked !== undefined && { blocked: body.blocked ? 1 : 0 }),
  });
  return { ...show(changed), warnings };
}

/** @throws DheeraError `model_not_found` where there is none; `invalid_request` for one of the configuration */
export async function removeModel(management: ModelManagement, id: string): Promise<void> {
  const removed = await management.stores.models.remove(management.actor, [id]);
  if (removed.length === 0) throw notThere(id, management);
}

interface Candidate {
  readonly id: string;
  readonly modelName: string;
  readonly params: DataRecord;
  readonly info: DataRecord;
  readonly section: string;
}

/** Everything that could keep it from serving, but for the server itself. @returns warnings */
async function check(
  { id, modelName, params, info, section }: Candidate,
  { gateway, added }: ModelManagement,
): Promise<readonly string[]> {
  const refuse = (reason: string): never => {
    throw new DheeraError("invalid_request", reason.replaceAll("dheera_ai_params", section), { param: section });
  };
  if (typeof params["model"] !== "string" || params["model"] === "")
    return refuse("dheera_ai_params.model is required: <provider>/<model>, such as cohere/rerank-v3.5");
  const addresses = checkParams(params, added.rules, section);
  await Promise.all(addresses.map(({ url, field }) => checkResolved(url, added.rules, field)));
  try {
    const { entry, warnings } = parseEntry({ model_name: modelName, params, info: { ...info, id } });
    const { refusal, warnings: more } = await gateway.whyRefused({ ...entry, ...marks(addresses) });
    if (refusal !== undefined) return refuse(refusal);
    return [...warnings, ...more].map((warning) => warning.replaceAll("dheera_ai_params", section));
  } catch (error) {
    if (error instanceof ConfigError) return refuse(reasonOf(error));
    throw error;
  }
}

interface Change {
  readonly stored: DataRecord;
  readonly merged: DataRecord;
  readonly given: DataRecord;
  /** Merged and decrypted. */
  readonly params: DataRecord;
  readonly section: string;
}

/**
 * A key that is kept goes where it went: who may change an address, and cannot read the key, must not learn it from a server of theirs.
 * @throws DheeraError `invalid_request` naming the secrets that must be given again
 */
function keepSecretsInPlace(
  { stored, merged, given, params, section }: Change,
  id: string,
  added: ModelManagement["added"],
): void {
  const kept = new Set<string>();
  mapTexts(merged, (text, path) => {
    const [name = ""] = path.split(".");
    if (isEncrypted(text) && !Object.hasOwn(given, name)) kept.add(name);
    return text;
  });
  for (const name of addressNames) kept.delete(name);
  if (kept.size === 0) return;
  const before = destinationOf(decryptParams(stored, id, added.secrets));
  if (before === destinationOf(params)) return;
  const names = [...kept].map((name) => `${section}.${name}`).join(", ");
  throw new DheeraError(
    "invalid_request",
    `${names} would go to another server than it was given for: give it again with this change, or null`,
    {
      param: `${section}.${[...kept][0]}`,
    },
  );
}

const addressNames = ["api_base", "aws_bedrock_runtime_endpoint", "iam_url"];

/** Whose server gets what is secret. */
function destinationOf(params: DataRecord): string {
  const places: string[] = [];
  mapTexts(params, (text, path) => {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !path.startsWith("extra_"))
      places.push(`${path} ${URL.parse(text)?.origin}`);
    return text;
  });
  const model = String(params["model"]);
  return JSON.stringify([
    model.slice(0, model.indexOf("/")),
    params["custom_llm_provider"],
    params["use_litellm_proxy"],
    places.toSorted(),
  ]);
}

function encryptChanged(merged: DataRecord, id: string, { secrets }: ModelManagement["added"]): DataRecord {
  const [kept, given]: [DataRecord, DataRecord] = [{}, {}];
  for (const [name, value] of Object.entries(merged))
    (JSON.stringify(value).includes('"enc:v1:') ? kept : given)[name] = value;
  return { ...kept, ...encryptParams(given, id, secrets) };
}

function isSame(
  row: ModelRow,
  { modelName, params, info }: Pick<Candidate, "modelName" | "params" | "info">,
  { secrets }: ModelManagement["added"],
): boolean {
  const stored = [row.model_name, decryptParams(recordOf(row.params), row.model_id, secrets), recordOf(row.info)];
  return stable(stored) === stable([modelName, params, info]);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

/** Logs, metrics, headers and URLs hold it. */
function idOf(given: unknown): string {
  if (typeof given === "string" && /^[\w.:@+=-]{1,128}$/.test(given)) return given;
  throw new DheeraError(
    "invalid_request",
    "model_info.id must be a text of 1 to 128 letters, digits and . : @ + = - _",
    {
      param: "model_info.id",
    },
  );
}

function checkIsFree(id: string, { gateway }: ModelManagement): void {
  if (isOfConfiguration(id, gateway))
    throw new DheeraError(
      "invalid_request",
      `model_info.id ${id} is that of a deployment of the configuration: take another`,
      {
        param: "model_info.id",
      },
    );
}

function notThere(id: string, { gateway }: ModelManagement): DheeraError {
  return isOfConfiguration(id, gateway)
    ? new DheeraError("invalid_request", `the deployment ${id} is one of the configuration file: change it there`, {
        param: "id",
      })
    : new DheeraError("model_not_found", `the database has no deployment with the id ${id}; /model/info names them`, {
        param: "id",
      });
}

function isOfConfiguration(id: string, { served, namesById }: ModelManagement["gateway"]): boolean {
  return namesById.has(id) && !served.some(({ isAdded, model_info }) => isAdded && model_info?.id === id);
}

function withoutNulls(data: DataRecord): DataRecord {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined));
}

function show(row: ModelRow): ShownModel {
  const params = publicParams(recordOf(row.params));
  return {
    model_id: row.model_id,
    model_name: row.model_name,
    litellm_params: params,
    dheera_ai_params: params,
    model_info: { ...recordOf(row.info), id: row.model_id, db_model: true },
    blocked: row.blocked !== 0,
    created_at: new Date(row.created_at).toISOString(),
    created_by: row.created_by,
    updated_at: new Date(row.updated_at).toISOString(),
    updated_by: row.updated_by,
  };
}

function recordOf(json: string): DataRecord {
  const data: unknown = JSON.parse(json);
  return isRecord(data) ? data : {};
}
