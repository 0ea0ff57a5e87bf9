import { createDheera, type Dheera, type Rerank } from "@dheera-ai/core";

import { defaultProvider, officialProviders } from "./official-providers.ts";

/**
 * Ranks documents by their relevance to a query, with the official providers: `huggingface/…`, `cohere/…`,
 * `bm25/default`, `hosted_vllm/…`, `infinity/…`, `dheera_ai/…`, `litellm_proxy/…`. Any other model with an `api_base` is
 * requested from that server, Cohere-style, as from a Dheera AI proxy.
 * @throws DheeraError; its `code` says whose fault it is.
 */
export const rerank: Rerank = (async (...input: Parameters<Rerank>) => official().rerank(...input)) as Rerank;

let instance: Dheera | undefined;

/** Created by the first call and kept, because it remembers what it learned about servers. */
function official(): Dheera {
  return (instance ??= createDheera({ providers: officialProviders(), defaultProvider }));
}
