import type { Environment } from "@dheera-ai/core/provider-utils";

/** Each but the last says that a token is wanted. */
export const entraParameters: readonly string[] = [
  "tenant_id",
  "client_id",
  "client_secret",
  "azure_ad_token",
  "azure_credential",
  "azure_scope",
];
const variables = ["AZURE_AD_TOKEN", "AZURE_CREDENTIAL", "AZURE_CLIENT_SECRET"];

/**
 * Whether a deployment of Azure AI Foundry may get a token of Microsoft Entra. A key of its own comes before that, one of
 * the environment comes before what the environment says of Entra.
 */
export function asksForEntra(params: Readonly<Record<string, unknown>>, environment: Environment): boolean {
  if (params["api_key"] !== undefined) return false;
  if (entraParameters.some((name) => name !== "azure_scope" && params[name] !== undefined)) return true;
  return !environment["AZURE_AI_API_KEY"] && variables.some((name) => environment[name]);
}
