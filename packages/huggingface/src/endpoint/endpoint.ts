import type { Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import { invalidSetting } from "../errors/provider-error.ts";
import type { Options } from "../options.ts";
import { isInferenceEndpoint, isRouter, routerHost } from "./hosts.ts";

/** Where a model is served. */
export interface Endpoint {
  /**
   * `serverless`: the API of Hugging Face. `dedicated`: an Inference Endpoint, which may sleep. `server`: any other
   * server.
   */
  readonly kind: "serverless" | "dedicated" | "server";
  /** The model as configured. */
  readonly model: string;
  readonly url: URL;
}

const baseNames = ["HF_API_BASE", "HUGGINGFACE_API_BASE"] as const;

/**
 * The target's base, else that of the environment, else the serverless API.
 * @throws DheeraError `invalid_request` when the base is no usable URL, or an option has no meaning there.
 */
export function resolveEndpoint(
  { apiBase, model }: Pick<Target, "apiBase" | "model">,
  environment: Environment,
  options: Options,
): Endpoint {
  const named = apiBase ? ({ name: "api_base", base: apiBase } as const) : baseOfEnvironment(environment);
  const url = named ? parseBase(named.base.trim(), named.name) : new URL(`https://${routerHost}/hf-inference`);
  const kind = isRouter(url) ? "serverless" : isInferenceEndpoint(url) ? "dedicated" : "server";
  if (kind !== "serverless" && options.bill_to !== undefined)
    throw invalidSetting("bill_to", "bill_to has a meaning for serverless calls only; remove it or the api_base");
  if (kind === "serverless" && options.server !== undefined)
    throw invalidSetting("server", "server says what runs at api_base; there is none");
  return { kind, model, url };
}

function baseOfEnvironment(environment: Environment): { readonly name: string; readonly base: string } | undefined {
  for (const name of baseNames) {
    const base = environment[name];
    if (base) return { name, base };
  }
  return undefined;
}

function parseBase(base: string, name: string): URL {
  const url = URL.parse(base);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw invalidSetting(name, `${name} must be a URL that begins with http:// or https://`);
  if (url.username || url.password)
    throw invalidSetting(name, `${name} holds a user name or password; give the key as api_key instead`);
  url.pathname = url.pathname.replace(/\/+$/, "");
  url.hash = "";
  return url;
}
