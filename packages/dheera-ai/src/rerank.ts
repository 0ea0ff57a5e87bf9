import { bm25 } from "@dheera-ai/bm25";
import { cohere, dheeraAi, litellmProxy } from "@dheera-ai/cohere";
import { createDheera, type Dheera, type Rerank } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

/**
 * Ranks documents by their relevance to a query, with the official providers: `huggingface/…`, `cohere/…`,
 * `bm25/default`, `dheera_ai/…`, `litellm_proxy/…`. Any other model with an `api_base` is requested from that server,
 * Cohere-style, as from a Dheera AI proxy.
 * @throws DheeraError; its `code` says whose fault it is.
 */
export const rerank: Rerank = ((...input: Parameters<Rerank>) => official().rerank(...input)) as Rerank;

let instance: Dheera | undefined;

/** Created by the first call and kept, because it remembers what it learned about servers. */
function official(): Dheera {
  return (instance ??= createDheera({
    providers: [huggingface(), cohere(), bm25(), dheeraAi(), litellmProxy()],
    defaultProvider: "cohere",
  }));
}
