import type { Provider } from "@dheera-ai/core";

import { providerOf, type RowOptions } from "./engine/provider-of-row.ts";
import { allRows } from "./rows/all-rows.ts";
import { cohereRow } from "./rows/cohere.ts";
import { dheeraAiRow, litellmProxyRow } from "./rows/proxies.ts";

/** Every provider that is a row: `jina_ai/…`, `voyage/…`, `cohere/…` and all others. */
export function rowProviders(options: RowOptions = {}): readonly Provider[] {
  return allRows.map((defined) => providerOf(defined, options));
}

/** Cohere's rerank models and, with an `api_base` (or `COHERE_API_BASE`), every server that answers `POST …/rerank` in Cohere's shape. */
export function cohere(options: RowOptions = {}): Provider {
  return providerOf(cohereRow, options);
}

/**
 * A Dheera AI proxy behind this one: `dheera_ai/<its model name>`, with its `api_base` and `api_key`, else
 * `DHEERA_AI_API_BASE` and `DHEERA_AI_API_KEY`.
 */
export function dheeraAi(options: RowOptions = {}): Provider {
  return providerOf(dheeraAiRow, options);
}

/**
 * A LiteLLM proxy behind this one, under LiteLLM's name for it and with LiteLLM's variables, `LITELLM_PROXY_API_BASE`
 * and `LITELLM_PROXY_API_KEY`.
 */
export function litellmProxy(options: RowOptions = {}): Provider {
  return providerOf(litellmProxyRow, options);
}
