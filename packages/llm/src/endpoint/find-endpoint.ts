import { DheeraError, type Target } from "@dheera-ai/core";
import { type Environment, findPlace, type PlaceRules } from "@dheera-ai/core/provider-utils";

import type { Options } from "../options/parse-options.ts";

/** Where to POST, and with which headers. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** OpenAI's own API, or Azure's: they call the bound of an answer `max_completion_tokens`. */
  readonly isOpenAi: boolean;
  /** Whether the model stands in the body; on Azure a deployment may stand in the path in its place. */
  readonly namesModel: boolean;
  /** A key is needed there, and there is none: nothing may be sent. */
  readonly lacksKey: boolean;
}

const rules: PlaceRules = {
  provider: "llm",
  publicBase: "https://api.openai.com/v1",
  isPublic: isOpenAi,
  publicKeys: ["OPENAI_API_KEY"],
  // Where one of them names another server, the key is that server's and goes to no other.
  variables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"].map((base) => ({ base, key: "OPENAI_API_KEY" })),
};

/** The version of Azure's API where none is named: its newest stable one with a date. */
const azureVersion = "2024-10-21";

/**
 * The `api_base` of the deployment, else that of the environment, else OpenAI's own; the key of the environment goes to
 * its own server and to no other.
 * @throws DheeraError `invalid_request` for an address or a key that cannot be used
 */
export function findEndpoint(
  { model, apiBase, apiKey }: Pick<Target, "model" | "apiBase" | "apiKey">,
  { apiVersion, completions }: Pick<Options, "apiVersion" | "completions">,
  environment: Environment,
): Endpoint {
  const { url, keyVariables } = findPlace(rules, apiBase, environment);
  const key = apiKey?.trim() || keyVariables.map((name) => environment[name]?.trim()).find(Boolean);
  // Checked here because the runtime's own complaint would quote it.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new DheeraError("invalid_request", "api_key holds characters that no HTTP header may hold", {
      param: "api_key",
      provider: "llm",
    });
  const isAzure = isAzureHost(url) || apiVersion !== undefined;
  const isOpenAiApi = isOpenAi(url);
  const operation = completions ? "completions" : "chat/completions";
  const inPath = isAzure && !withoutOperation(url.pathname).endsWith("/v1");
  url.pathname = pathOf(url.pathname, operation, inPath ? model : undefined);
  if (isAzure && (inPath || apiVersion !== undefined))
    url.searchParams.set("api-version", apiVersion ?? url.searchParams.get("api-version") ?? azureVersion);
  return {
    url: url.href,
    headers: {
      accept: "application/json",
      ...(key !== undefined && (isAzure ? { "api-key": key } : { authorization: `Bearer ${key}` })),
    },
    isOpenAi: isOpenAiApi || isAzure,
    namesModel: !inPath,
    lacksKey: key === undefined && (isOpenAiApi || isAzureHost(url)),
  };
}

/** OpenAI's own hosts, those of its regions included. */
function isOpenAi({ protocol, port, hostname }: URL): boolean {
  return protocol === "https:" && port === "" && /^(?:[a-z]{2}\.)?api\.openai\.com$/.test(hostname);
}

function isAzureHost({ hostname }: URL): boolean {
  return /\.(?:openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/.test(hostname);
}

/** A whole address that was copied from a page of documentation means the same. */
function withoutOperation(path: string): string {
  return path.replace(/\/(?:chat\/)?completions$/, "");
}

function pathOf(base: string, operation: string, deployment: string | undefined): string {
  const path = withoutOperation(base).replace(/^\/$/, "");
  if (deployment === undefined) return `${path}/${operation}`;
  if (/\/openai\/deployments\/[^/]+$/.test(path)) return `${path}/${operation}`;
  return `${path.replace(/\/openai$/, "")}/openai/deployments/${encodeURIComponent(deployment)}/${operation}`;
}
