import { isDheeraError } from "@dheera-ai/core";
import type { ModelRow, Secrets } from "@dheera-ai/teams";

import { ConfigError } from "../../config/config-error.ts";
import type { ConfiguredModel } from "../../config/config.ts";
import { parseConfig } from "../../config/parse-config.ts";
import { type DataRecord, isRecord } from "../../config/read/record.ts";
import type { EgressRules } from "../../egress/egress-rules.ts";
import type { RefusedModel } from "../../gateway/models/prepare-with-added.ts";
import { type NamedAddress, checkParams } from "./check-params.ts";
import { decryptParams } from "./secret-params.ts";

/** A row of the database as a deployment, or why it is none. Nothing of it can do harm: it may have been written by anybody. */
export type ReadModel = { readonly model: ConfiguredModel } | { readonly refused: RefusedModel };

export function readModel(row: ModelRow, secrets: Secrets, rules: EgressRules): ReadModel {
  const { model_id: id, model_name: modelName } = row;
  let info: DataRecord = { db_model: true };
  let model = "";
  try {
    info = { ...recordOf(row.info), ...writtenIn(row), db_model: true };
    const stored = recordOf(row.params);
    if (typeof stored["model"] === "string") model = stored["model"];
    if (row.blocked !== 0) return { refused: { id, modelName, model, info, reason: "it is blocked" } };
    const params = decryptParams(stored, id, secrets);
    const addresses = checkParams(params, rules, "dheera_ai_params");
    return {
      model: { ...parseEntry({ model_name: modelName, params, info: { ...info, id } }).entry, ...marks(addresses) },
    };
  } catch (error) {
    return { refused: { id, modelName, model, info, reason: reasonOf(error) } };
  }
}

/** How the gateway treats a deployment that was added. */
export function marks(addresses: readonly NamedAddress[]): Pick<ConfiguredModel, "isAdded" | "obeysEgress"> {
  return { isAdded: true, obeysEgress: addresses.length > 0 };
}

export interface Entry {
  readonly model_name: string;
  /** Under the names of the proxy or of LiteLLM. */
  readonly params: DataRecord;
  readonly info: DataRecord;
}

/**
 * Reads an entry exactly as if it stood in a configuration file that holds nothing else: it gets no defaults, credentials and keys of the
 * real one, and no variables.
 * @throws ConfigError
 */
export function parseEntry({ model_name, params, info }: Entry): {
  readonly entry: ConfiguredModel;
  readonly warnings: readonly string[];
} {
  const text = JSON.stringify({ model_list: [{ model_name, dheera_ai_params: params, model_info: info }] });
  const { config, warnings } = parseConfig(text, { file: "model", environment: {} });
  const [entry] = config.model_list;
  if (entry === undefined) throw new TypeError("an entry became none");
  return { entry, warnings: warnings.map((warning) => warning.replace(/^model:\d+ /, "").replace(placeInFile, "")) };
}

/** What is wrong, in the words of its parameters. */
export function reasonOf(error: unknown): string {
  if (error instanceof ConfigError)
    return error.problems.map(({ key, message }) => `${key.replace(placeInFile, "")} ${message}`.trim()).join("; ");
  if (isDheeraError(error)) return error.message;
  // A message of JSON.parse quotes the text.
  return error instanceof SyntaxError ? "its parameters are not JSON" : "it cannot be read";
}

const placeInFile = /^model_list\[0\]\.?/;

function recordOf(json: string): DataRecord {
  const data: unknown = JSON.parse(json);
  return isRecord(data) ? data : {};
}

function writtenIn({ created_at, created_by, updated_at, updated_by }: ModelRow): DataRecord {
  return {
    created_at: new Date(created_at).toISOString(),
    created_by,
    updated_at: new Date(updated_at).toISOString(),
    updated_by,
  };
}
