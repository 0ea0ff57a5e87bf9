import { DheeraError } from "@dheera-ai/core";

/** Fields with which a request could choose the upstream or its credentials: other gateways lost keys through them. */
const fields: ReadonlySet<string> = new Set([
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

/** @throws DheeraError `invalid_request` naming the field; null counts as absent */
export function refuseDestination(body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  for (const field of Object.keys(body))
    if (fields.has(field) && Reflect.get(body, field) !== null)
      throw new DheeraError(
        "invalid_request",
        `${field}: a request cannot choose the upstream or its credentials; ask the operator to add the model to model_list`,
        { param: field },
      );
}
