import { InvalidArgumentError } from "@ai-sdk/provider";
import {
  createDheera,
  type Dheera,
  dheeraAi,
  rerank,
  type RerankOptions,
  type RerankRequest,
  type RerankResponse,
} from "dheera-ai";

import type { DheeraAISettings, ProxySettings } from "./settings.ts";

export type Headers = Readonly<Record<string, string | undefined>>;

/** Who ranks for a provider. */
export interface Ranker {
  /** Whether it is a proxy: headers go there, and some options are its own affair. */
  readonly isProxy: boolean;
  /** @param headers of this call; without effect where it is no proxy. */
  rank(request: RerankRequest, options: RerankOptions, headers?: Headers): Promise<RerankResponse>;
}

/** @throws InvalidArgumentError where settings contradict each other: not every program has types. */
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
    rank: (request, options) => (own ? own.rerank(request, options) : rerank(request, options)),
  };
}

/** Through the library, so that retries, limits, errors and usage are those of a model in this process. */
function proxyRanker(settings: ProxySettings): Ranker {
  let shared: Dheera | undefined;
  return {
    isProxy: true,
    async rank(request, options, headers = {}) {
      const asked = toProxy(request);
      const own = combineHeaders(settings.headers, headers);
      if (Object.keys(headers).length === 0) return (shared ??= connect(settings, own)).rerank(asked, options);
      // Requests with other headers may have other answers: nothing of them is shared.
      const instance = connect(settings, own);
      try {
        return await instance.rerank(asked, options);
      } finally {
        await instance.close();
      }
    },
  };
}

/** An asterisk stands for each of its model names, for those of fallbacks too. */
function connect({ baseURL, apiKey }: ProxySettings, headers: Readonly<Record<string, string>>): Dheera {
  // Headers that say who asks are not overruled by the key.
  const key = "authorization" in headers ? undefined : apiKey;
  return createDheera({
    providers: [dheeraAi()],
    model_list: [
      {
        model_name: "*",
        dheera_ai_params: { model: "dheera_ai/*", api_base: baseURL, api_key: key, extra_headers: headers },
      },
    ],
  });
}

/** Options of providers are those of the providers behind the proxy. */
function toProxy(request: RerankRequest): RerankRequest {
  const { provider_options: options } = request;
  return options ? { ...request, provider_options: { dheera_ai: options } } : request;
}

/** The later wins, whatever the letters' case. */
function combineHeaders(...all: readonly (Headers | undefined)[]): Readonly<Record<string, string>> {
  const combined: Record<string, string> = {};
  for (const headers of all)
    for (const [name, value] of Object.entries(headers ?? {}))
      if (value !== undefined) combined[name.toLowerCase()] = value;
  return combined;
}

function contradiction(argument: string, remedy: string): InvalidArgumentError {
  return new InvalidArgumentError({ argument, message: `${argument}: ${remedy}` });
}
