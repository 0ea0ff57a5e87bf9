import { type ParamSpec, deploymentParams } from "@dheera-ai/core";
import { type Secrets, isEncrypted, mapTexts, placeInModel } from "@dheera-ai/teams";

import { type DataRecord, isRecord } from "../../config/read/record.ts";

/**
 * The parameters of a deployment as the database holds them: every text is encrypted but those that are known to be no secret.
 * @throws DheeraError `invalid_request` where there is something to encrypt and no key is set
 */
export function encryptParams(params: DataRecord, modelId: string, secrets: Secrets): DataRecord {
  return mapParams(params, (text, path) =>
    isPublic(path, text) ? text : secrets.encrypt(text, placeInModel(modelId, path)),
  );
}

/** @throws DheeraError `unavailable` naming the parameter that cannot be decrypted */
export function decryptParams(params: DataRecord, modelId: string, secrets: Secrets): DataRecord {
  return mapParams(params, (text, path) =>
    isEncrypted(text) ? secrets.decrypt(text, placeInModel(modelId, path)) : text,
  );
}

/** What may be shown of parameters of the database: texts that are no secrets, and numbers. */
export function publicParams(params: DataRecord): DataRecord {
  return Object.fromEntries(
    Object.entries(params).filter(([name, value]) => publicNames.has(name) && !hasSecret(value)),
  );
}

function hasSecret(value: unknown): boolean {
  return typeof value === "string" ? isEncrypted(value) : JSON.stringify(value).includes('"enc:v1:');
}

function isPublic(path: string, text: string): boolean {
  const [name = ""] = path.split(".");
  if (name === "api_base") return !text.includes("?");
  return publicNames.has(name);
}

/** Names of parameters that hold no secrets: those that `/model/info` shows, and these of providers. */
const publicNames: ReadonlySet<string> = new Set([
  ...Object.entries<ParamSpec>(deploymentParams).flatMap(([name, { isShown }]) => (isShown ? [name] : [])),
  "api_base",
  "custom_llm_provider",
  "use_litellm_proxy",
  "input_cost_per_query",
  "input_cost_per_token",
  "output_cost_per_token",
  "ssl_verify",
  "calibration",
  "api_version",
  "revision",
  "scoring",
  "server",
  "mode",
  "dtype",
  "file",
  "runtime",
  "pooling",
  "idle_timeout",
  "stages",
  "models",
  "aws_region_name",
  "bedrock_api",
  "vertex_project",
  "vertex_ai_project",
  "vertex_location",
  "vertex_ai_location",
  "volc_region_name",
  "model_version",
  "project_id",
  "watsonx_project",
  "space_id",
  "azure_credential",
  "azure_scope",
  "reasoning_effort",
  "response_format",
]);

function mapParams(params: DataRecord, change: (text: string, path: string) => string): DataRecord {
  const mapped = mapTexts(params, change);
  return isRecord(mapped) ? mapped : {};
}
