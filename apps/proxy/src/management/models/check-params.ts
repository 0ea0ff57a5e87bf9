import { DheeraError } from "@dheera-ai/core";
import { isEncrypted } from "@dheera-ai/teams";

import { prefixOf, withProvider } from "../../config/check/not-for-reranking.ts";
import { type DataRecord, isRecord } from "../../config/read/record.ts";
import { checkAddress } from "../../egress/check-address.ts";
import type { EgressRules } from "../../egress/egress-rules.ts";
import { checkGoogleCredentials } from "./google-credentials.ts";

/** An address among parameters. */
export interface NamedAddress {
  readonly field: string;
  readonly url: URL;
}

/**
 * Refuses parameters by which who may add deployments would read files or variables of the proxy's machine, use its identity, or reach
 * what the rules do not allow. Configuration files may do all of that.
 * @param params under the proxy's own names
 * @param section what messages call them: `litellm_params`
 * @returns the addresses that they name, as they are written
 * @throws DheeraError `invalid_request` naming the parameter and the remedy
 */
export function checkParams(params: DataRecord, rules: EgressRules, section: string): readonly NamedAddress[] {
  if (JSON.stringify(params).length > mostCharacters)
    throw refusal(section, `must have at most ${mostCharacters} characters`);
  const addresses: NamedAddress[] = [];
  const model = String(params["model"] ?? "");
  const provider = prefixOf(withProvider(model, params["custom_llm_provider"])) ?? "";
  for (const { path, text } of textsOf(params)) {
    const [name = ""] = path;
    const field = [section, ...path].join(".");
    const refuse = (reason: string): never => {
      throw refusal(field, reason);
    };
    if (/^(?:os\.environ|oidc)\//.test(text.trim()))
      refuse(
        "is a reference to the proxy's environment, which configuration files alone may hold: give the value itself, which is kept encrypted",
      );
    if (isEncrypted(text)) refuse("looks like an encrypted text of the database: give the value itself");
    if (freeTexts.has(name)) continue;
    const reason = path.length === 1 ? ofThisMachine[name]?.(text) : undefined;
    if (reason !== undefined) refuse(reason);
    // Those that are an object are looked at as a whole, below.
    if (path.length > 1 && googleCredentials.has(name)) continue;
    if (googleCredentials.has(name) || (name === "api_key" && provider === "vertex_ai"))
      checkGoogleCredentials(text, field);
    else if (name === "model") checkModelName(text, field);
    else if (addressNames.has(path.at(-1) ?? "") || /^[a-z][a-z0-9+.-]*:\/\//i.test(text))
      addresses.push({ field, url: checkAddress(text, rules, field) });
    else if (isPath(text)) refuse(pathReason);
  }
  checkOwnKeys(params, provider, section);
  for (const name of googleCredentials)
    if (isRecord(params[name])) checkGoogleCredentials(params[name], `${section}.${name}`);
  return addresses;
}

/** Of all parameters of one deployment, as JSON. */
const mostCharacters = 65_536;

/** What may hold any text, because it is sent to a server, or to a model, as it is. */
const freeTexts: ReadonlySet<string> = new Set([
  "extra_headers",
  "extra_body",
  "provider_options",
  "prompt",
  "prompt_template",
  "query_prompt",
  "document_prompt",
  "positive_label",
]);

/** Parameters that are addresses whatever they look like. */
const addressNames: ReadonlySet<string> = new Set(["api_base", "aws_bedrock_runtime_endpoint", "iam_url", "url"]);
const googleCredentials: ReadonlySet<string> = new Set(["vertex_credentials", "vertex_ai_credentials"]);

const pathReason = "is the path of a file of the proxy's machine, which configuration files alone may name";

/** Why a value of these would use the machine; undefined where it does not. */
const ofThisMachine: Readonly<Record<string, (text: string) => string | undefined>> = {
  ssl_certificate: () => pathReason,
  ssl_key: () => pathReason,
  ssl_verify: (text) => (/^(?:true|false)$/i.test(text) ? undefined : `${pathReason}; true and false may stand here`),
  calibration: () => `${pathReason}; give what is in the file`,
  aws_profile_name: () =>
    "names a profile in a file of the proxy's machine: give aws_access_key_id and aws_secret_access_key",
  aws_sts_endpoint: () =>
    "is asked by Amazon's own library, whose connections are not checked: configuration files alone may name it",
  azure_credential: (text) =>
    text === "ClientSecretCredential"
      ? undefined
      : "would use the identity of the proxy's machine: give tenant_id, client_id and client_secret, with azure_credential: ClientSecretCredential or without",
  dheera_ai_credential_name: () =>
    "names a credential of the configuration file, which serves deployments of that file alone: give api_base and api_key",
};

/**
 * Providers that go by the identity of the machine where a deployment has no keys, and the parameters that are keys: all of one list. A
 * role alone is taken on by the machine.
 */
const machineProviders: Readonly<Record<string, readonly (readonly string[])[]>> = {
  // Its environment may name an identity of the machine (AZURE_CREDENTIAL), and an application of the operator's.
  azure_ai: [["api_key"], ["azure_ad_token"], ["tenant_id", "client_id", "client_secret"]],
  bedrock: [["api_key"], ["aws_access_key_id", "aws_secret_access_key"], ["aws_web_identity_token"]],
  vertex_ai: [["vertex_credentials"], ["vertex_ai_credentials"], ["api_key"]],
};

function checkOwnKeys(params: DataRecord, provider: string, section: string): void {
  // The other proxy has an identity of its own.
  if (params["use_litellm_proxy"] === true) return;
  const keys = Object.hasOwn(machineProviders, provider) ? machineProviders[provider] : undefined;
  if (keys === undefined || keys.some((all) => all.every((name) => isGiven(params[name])))) return;
  const remedy = keys.map((all) => all.map((name) => `${section}.${name}`).join(" and ")).join(", or ");
  throw refusal(
    section,
    `has no keys of its own, and the identity of the proxy's machine serves deployments of configuration files alone: give ${remedy}`,
  );
}

function isGiven(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : isRecord(value);
}

function checkModelName(text: string, field: string): void {
  if (text.includes("://")) throw refusal(field, "must not hold an address: give it as api_base");
  const ofProvider = text.slice(text.indexOf("/") + 1);
  if (isPath(text) || isPath(ofProvider) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(text)) throw refusal(field, pathReason);
}

/** Absolute paths, those relative to a folder, a home, a drive or a server of files. */
function isPath(text: string): boolean {
  return /^(?:[/\\~]|\.{1,2}(?:[/\\]|$)|[a-z]:[/\\]|file:)/i.test(text.trim());
}

interface PlacedText {
  readonly path: readonly string[];
  readonly text: string;
}

function* textsOf(data: unknown, path: readonly string[] = []): Generator<PlacedText> {
  if (typeof data === "string") yield { path, text: data };
  else if (typeof data === "object" && data !== null)
    for (const [name, value] of Object.entries(data)) yield* textsOf(value, [...path, name]);
}

function refusal(field: string, reason: string): DheeraError {
  return new DheeraError("invalid_request", `${field} ${reason}`, { param: field });
}
