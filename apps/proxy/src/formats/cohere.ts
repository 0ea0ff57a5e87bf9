import { DheeraError, type RerankRequest } from "@dheera-ai/core";

import type { RequestFormat } from "./request-format.ts";

/**
 * Reads a request in the format of Cohere's `/rerank`, which is the proxy's own as well.
 * @throws DheeraError `invalid_request`
 */
export function cohereFormat(body: unknown): RequestFormat {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new DheeraError("invalid_request", "the body must be a JSON object with model, query and documents");
  return {
    request: unchecked(body),
    // Clients of OpenAI-like servers read `object`.
    answer: ({ id, model, results, meta, usage }) => ({ id, object: "list", model, results, meta, usage }),
  };
}

/**
 * The type is not checked here, because core checks every field, including nulls, unknown fields and booleans as texts.
 */
function unchecked(body: object): RerankRequest {
  return body as RerankRequest;
}
