import { DheeraError, type RerankRequest } from "@dheera-ai/core";

import type { RequestFormat } from "./request-format.ts";

/** Cohere's `/rerank`, which is ours too. @throws DheeraError `invalid_request` */
export function cohereFormat(body: unknown): RequestFormat {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new DheeraError("invalid_request", "the body must be a JSON object with model, query and documents");
  return {
    request: unchecked(body),
    // `object` is what clients of OpenAI-like servers look for.
    answer: ({ id, model, results, meta, usage }) => ({ id, object: "list", model, results, meta, usage }),
  };
}

/** Core checks every field, whatever this type says: nulls, unknown fields and booleans as texts are its business. */
function unchecked(body: object): RerankRequest {
  return body as RerankRequest;
}
