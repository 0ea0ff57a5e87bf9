import type { RerankRequest } from "@dheera-ai/core";

import type { Exchange } from "./exchange.ts";

/** Cohere's `/rerank`, which is ours too. */
export function cohereExchange(body: unknown): Exchange {
  return {
    request: unchecked(body),
    // `object` is what clients of OpenAI-like servers look for.
    answer: ({ id, ...rest }) => ({ id, object: "list", ...rest }),
  };
}

/** Core checks every field, whatever this type says: nulls, unknown fields and booleans as texts are its business. */
function unchecked(body: unknown): RerankRequest {
  return body as RerankRequest;
}
