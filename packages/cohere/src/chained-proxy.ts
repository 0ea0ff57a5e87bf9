import { DheeraError, type Provider, type ScoreCall, type Scorer, type Target } from "@dheera-ai/core";
import { type Environment, isRecord, type PlaceRules, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectService, everyParameter } from "./bearer-service.ts";
import { dheeraAiPlaces, findEndpoint, litellmProxyPlaces } from "./endpoint.ts";
import { findKey } from "./find-key.ts";
import { optionNames, parseOptions } from "./parse-options.ts";

export interface ChainedProxyOptions {
  /** Where the address of the proxy and the key for it are looked up; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/**
 * A Dheera AI proxy behind this one: `dheera_ai/<its model name>`, with its `api_base` and `api_key`, else
 * `DHEERA_AI_API_BASE` and `DHEERA_AI_API_KEY`.
 */
export function dheeraAi(options: ChainedProxyOptions = {}): Provider {
  return chainedProxy(dheeraAiPlaces, options);
}

/**
 * A LiteLLM proxy behind this one, under LiteLLM's name for it and with LiteLLM's variables, `LITELLM_PROXY_API_BASE`
 * and `LITELLM_PROXY_API_KEY`.
 */
export function litellmProxy(options: ChainedProxyOptions = {}): Provider {
  return chainedProxy(litellmProxyPlaces, options);
}

function chainedProxy(places: PlaceRules, { environment = processEnvironment() }: ChainedProxyOptions): Provider {
  const name = places.provider;
  return {
    name,
    optionNames,
    connect: (target) => {
      const { url, keyVariables } = findEndpoint(places, target.apiBase, environment);
      return connectChained(name, target, url, findKey(target.apiKey, keyVariables, environment, name));
    },
  };
}

/** The proxy knows the model behind its name: what its answers say of scores, usage and warnings counts here. */
function connectChained(name: string, target: Target, url: string, key: string | undefined): Scorer {
  const { scoring, revision } = parseOptions(target.options, name);
  return connectService(
    {
      provider: name,
      label: "the proxy",
      url,
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
