import { DheeraError, type Target } from "@dheera-ai/core";

import type { Environment } from "./credentials.ts";
import { isInferenceEndpoint, isRouter, routerHost } from "./hosts.ts";
import type { Options } from "../options.ts";
import { providerName } from "../errors/provider-error.ts";

/** Where a model lives: the serverless API, a dedicated Inference Endpoint (which may sleep), or any other server. */
export interface Place {
  readonly kind: "serverless" | "endpoint" | "server";
  /** The model as configured. */
  readonly model: string;
  readonly url: URL;
}

const baseNames = ["HF_API_BASE", "HUGGINGFACE_API_BASE"] as const;

/**
 * The target's base, else that of the environment, else the serverless API.
 * @throws DheeraError `invalid_request` when the base is no usable URL, or an option has no meaning there.
 */
export function resolvePlace(
  { apiBase, model }: Pick<Target, "apiBase" | "model">,
  environment: Environment,
  options: Options,
): Place {
  const named = apiBase ? ({ name: "api_base", base: apiBase } as const) : baseOfEnvironment(environment);
  const url = named ? parseBase(named.base.trim(), named.name) : new URL(`https://${routerHost}/hf-inference`);
  const kind = isRouter(url) ? "serverless" : isInferenceEndpoint(url) ? "endpoint" : "server";
  if (kind !== "serverless" && options.bill_to !== undefined)
    throw invalid("bill_to", "bill_to has a meaning for serverless calls only; remove it or the api_base");
  if (kind === "serverless" && options.server !== undefined)
    throw invalid("server", "server says what runs at api_base; there is none");
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
    throw invalid(name, `${name} must be a URL that begins with http:// or https://`);
  if (url.username || url.password)
    throw invalid(name, `${name} holds a user name or password; give the key as api_key instead`);
  url.pathname = url.pathname.replace(/\/+$/, "");
  url.hash = "";
  return url;
}

function invalid(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", message, { provider: providerName, param });
}
