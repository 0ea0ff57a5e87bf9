import { InvalidArgumentError } from "@ai-sdk/provider";
import {
  createDheera,
  type Dheera,
  dheeraAi,
  type FallbackChoice,
  rerank,
  type RerankOptions,
  type RerankRequest,
  type RerankResponse,
} from "dheera-ai";

import { checkAddress, checkHeaders, type HeaderFields } from "./check-destination.ts";
import type { DheeraAISettings, ProxySettings } from "./settings.ts";

/** Who ranks for a provider. */
export interface Ranker {
  /** Whether it is a proxy: headers go there, and some options are its own affair. */
  readonly isProxy: boolean;
  /** Whether it may have a cache that requests can use. */
  readonly keepsScores: boolean;
  /** @param headers of this call; without effect where it is no proxy. */
  rank(request: RerankRequest, options: RerankOptions, headers?: HeaderFields): Promise<RerankResponse>;
}

/** @throws InvalidArgumentError where settings contradict each other, or a request cannot be sent with them: not every program has types. */
export function rankerOf(settings: DheeraAISettings): Ranker {
  if (settings.baseURL !== undefined) {
    if (settings.dheera !== undefined)
      throw contradiction("dheera", "an instance ranks in this process: leave out baseURL");
    return proxyRanker(settings);
  }
  for (const name of ["apiKey", "headers"] as const)
    if (settings[name] !== undefined) throw contradiction(name, "is sent to a proxy: give its address as baseURL");
  const own = settings.dheera;
  return {
    isProxy: false,
    keepsScores: own !== undefined,
    rank: (request, options) => (own ? own.rerank(request, options) : rerank(request, options)),
  };
}

/** Through the library, so that retries, limits, errors and usage are those of a model in this process. */
function proxyRanker({ baseURL, apiKey, headers: own = {} }: ProxySettings): Ranker {
  checkAddress(baseURL);
  checkHeaders("headers", own);
  if (apiKey !== undefined) checkHeaders("apiKey", { authorization: `Bearer ${apiKey}` });
  let shared: Dheera | undefined;
  return {
    isProxy: true,
    keepsScores: true,
    async rank(request, options, headers = {}) {
      const sent = combineHeaders(own, checkHeaders("headers", headers));
      // Headers that say who asks are not overruled by the key.
      const key = "authorization" in sent ? undefined : apiKey;
      const asked = { ...toProxy(request), api_base: baseURL, api_key: key };
      if (Object.keys(headers).length === 0) return fromProxy(await (shared ??= connect(sent)).rerank(asked, options));
      // Requests with other headers may have other answers: nothing of them is shared.
      const instance = connect(sent);
      try {
        return fromProxy(await instance.rerank(asked, options));
      } finally {
        await instance.close();
      }
    },
  };
}

function connect(headers: Readonly<Record<string, string>>): Dheera {
  return createDheera({
    providers: [dheeraAi()],
    transport: { fetch: (input, init) => fetch(input, adding(headers, init)) },
  });
}

/** Those that the library sends itself win. */
function adding(headers: Readonly<Record<string, string>>, init: RequestInit = {}): RequestInit {
  const all = new Headers(headers);
  for (const [name, value] of new Headers(init.headers)) all.set(name, value);
  return { ...init, headers: all };
}

/** What the library calls a model of a proxy, whatever the proxy calls it. */
const prefix = "dheera_ai/";

/** Options of providers are those of the providers behind the proxy, and fallbacks are its models. */
function toProxy({ model, provider_options: options, fallbacks, ...request }: RerankRequest): RerankRequest {
  return {
    ...request,
    model: `${prefix}${model}`,
    fallbacks: Array.isArray(fallbacks) ? fallbacks.map(prefixed) : fallbacks,
    provider_options: options ? { dheera_ai: options } : options,
  };
}

/** Names in each form that the library reads; what is none is left for it to refuse. */
function prefixed(choice: FallbackChoice): FallbackChoice {
  if (typeof choice === "string") return choice === "" ? choice : `${prefix}${choice}`;
  if (typeof choice !== "object" || choice === null) return choice;
  const entries = Object.entries(choice).map(([name, value]) => [
    name === "model" || name === "*" ? name : `${prefix}${name}`,
    Array.isArray(value) ? value.map(prefixed) : typeof value === "string" ? prefixed(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function fromProxy(response: RerankResponse): RerankResponse {
  const { model } = response;
  return { ...response, model: model.startsWith(prefix) ? model.slice(prefix.length) : model };
}

/** The later wins, whatever the letters' case. */
function combineHeaders(...all: readonly (HeaderFields | undefined)[]): Readonly<Record<string, string>> {
  const combined: Record<string, string> = {};
  for (const headers of all)
    for (const [name, value] of Object.entries(headers ?? {}))
      if (value !== undefined) combined[name.toLowerCase()] = value;
  return combined;
}

function contradiction(argument: string, remedy: string): InvalidArgumentError {
  return new InvalidArgumentError({ argument, message: `${argument}: ${remedy}` });
}
