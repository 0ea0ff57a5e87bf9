import { DheeraError, type Provider, type ScoreCall, type Scorer, type Target } from "@dheera-ai/core";
import { type Environment, isRecord, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectService, everyParameter } from "./bearer-service.ts";
import { findEndpoint } from "./endpoint.ts";
import { findKey } from "./find-key.ts";
import { parseOptions } from "./parse-options.ts";

/** A Dheera AI proxy behind this one: `dheera_ai/<its model name>`, with its `api_base` and `api_key`. */
export function dheeraAi(): Provider {
  return {
    name: "dheera_ai",
    connect: (target) =>
      connectChained("dheera_ai", target, baseOf("dheera_ai", target.apiBase), findKey(target.apiKey)),
  };
}

export interface LitellmProxyOptions {
  /** Where `LITELLM_PROXY_API_BASE` and `LITELLM_PROXY_API_KEY` are looked up; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/** A LiteLLM proxy behind this one, under LiteLLM's name for it and with LiteLLM's variables. */
export function litellmProxy({ environment = processEnvironment() }: LitellmProxyOptions = {}): Provider {
  const name = "litellm_proxy";
  return {
    name,
    connect: (target) => {
      const configured = environment["LITELLM_PROXY_API_BASE"];
      const base = baseOf(name, target.apiBase ?? configured, ", or LITELLM_PROXY_API_BASE");
      // The key of the environment belongs to the address of the environment.
      const keyNames = base === configured ? ["LITELLM_PROXY_API_KEY"] : [];
      return connectChained(name, target, base, findKey(target.apiKey, keyNames, environment, name));
    },
  };
}

function baseOf(name: string, base: string | undefined, otherwise: string = ""): string {
  if (base) return base;
  throw new DheeraError("invalid_request", `${name} needs the address of the proxy: set api_base${otherwise}`, {
    param: "api_base",
    provider: name,
  });
}

/** The proxy knows the model behind its name: what its answers say of scores, usage and warnings counts here. */
function connectChained(name: string, target: Target, base: string, key: string | undefined): Scorer {
  const { scoring, revision } = parseOptions(target.options, name);
  return connectService(
    {
      provider: name,
      label: "the proxy",
      url: findEndpoint(base, name).url,
      key,
      profile: {
        scoring,
        scoreKind: "unknown",
        // It splits by itself, and says what was billed.
        billing: "compute",
        fingerprint: [name, target.model, ...(revision === undefined ? [] : [revision])].join(" "),
        limits: { documentsPerCall: 10_000 },
      },
      parameters: everyParameter,
      optionFields: (options) => forwardedOptions(name, options),
    },
    target,
  );
}

/** `provider_options` for the proxy are those of the providers behind it. */
function forwardedOptions(name: string, options: ScoreCall["providerOptions"]): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options);
  for (const [provider, own] of entries)
    if (!isRecord(own) || Array.isArray(own))
      throw new DheeraError(
        "invalid_request",
        `provider_options.${name}.${provider} must be an object: the options of the provider ${provider} behind the proxy`,
        { param: `provider_options.${name}.${provider}`, provider: name },
      );
  return entries.length === 0 ? {} : { provider_options: options };
}
