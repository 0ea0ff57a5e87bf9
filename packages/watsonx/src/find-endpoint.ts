import { type Environment, findPlace, type PlaceRules } from "@dheera-ai/core/provider-utils";

import { firstOf, type Options } from "./parse-options.ts";

/** Where to POST, and variables whose key or token may be sent there. */
export interface Endpoint {
  readonly url: string;
  readonly keyVariables: readonly string[];
}

/** In LiteLLM's order. */
export const tokenVariables = ["WATSONX_TOKEN"];
export const zenVariables = ["WATSONX_ZENAPIKEY"];
export const keyVariables = ["WATSONX_APIKEY", "WATSONX_API_KEY", "WX_API_KEY"];

const secrets = [...tokenVariables, ...zenVariables, ...keyVariables];
const bases = ["WATSONX_API_BASE", "WATSONX_URL", "WX_URL", "WML_URL"];

const path = "/ml/v1/text/rerank";
/** LiteLLM's. */
const defaultVersion = "2024-03-13";

/**
 * `wx_credentials.url` or `api_base` of the deployment, else the address in the environment; there is none for everybody,
 * because each region is one.
 * @throws DheeraError `invalid_request` when there is no usable address
 */
export function findEndpoint(
  { url: ownUrl, apiVersion }: Pick<Options, "url" | "apiVersion">,
  apiBase: string | undefined,
  environment: Environment,
): Endpoint {
  const { url, keyVariables: allowed } = findPlace(rulesFor(environment), ownUrl ?? apiBase, environment);
  url.pathname = withPath(url.pathname);
  url.searchParams.set("version", apiVersion ?? url.searchParams.get("version") ?? defaultVersion);
  return { url: url.href, keyVariables: allowed };
}

/** One key serves every region of IBM Cloud; beside that, a key of the environment goes to the environment's address alone. */
function rulesFor(environment: Environment): PlaceRules {
  const base = bases.find((name) => environment[name]);
  const isOwn = base !== undefined && isOfIbmCloud(URL.parse(firstOf([base], environment) ?? ""));
  const twins = base === undefined || isOwn ? [] : secrets.map((key) => ({ base, key }));
  const named = base === undefined ? bases.map((name) => ({ base: name })) : [{ base }];
  return { provider: "watsonx", isPublic: isOfIbmCloud, publicKeys: secrets, variables: [...named, ...twins] };
}

function isOfIbmCloud(url: URL | null): boolean {
  return url !== null && url.protocol === "https:" && url.port === "" && url.hostname.endsWith(".ml.cloud.ibm.com");
}

/** The path of the API after what the base already has of it: `/ml/v1` gets `/text/rerank`. */
function withPath(base: string): string {
  const own = base === "/" ? "" : base;
  const parts = path.split("/").slice(1);
  for (let count = parts.length; count > 0; count--)
    if (own.endsWith(`/${parts.slice(0, count).join("/")}`)) return [own, ...parts.slice(count)].join("/");
  return own + path;
}
