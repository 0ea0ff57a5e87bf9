import type { RerankRequest } from "@dheera-ai/core";

/**
 * The same question to another model. Left out is what means one model alone (a threshold, a scale, its fallbacks), what
 * the answer would be given with, and where the request would go. Its scores are not stored: they would take the place of
 * those that callers are served from.
 */
export function shadowRequest(request: RerankRequest, model: string, timeout: number): RerankRequest {
  return {
    model,
    query: request.query,
    documents: request.documents,
    rank_fields: request.rank_fields,
    max_tokens_per_doc: request.max_tokens_per_doc,
    max_chunks_per_doc: request.max_chunks_per_doc,
    long_documents: request.long_documents,
    truncate: request.truncate,
    truncation_direction: request.truncation_direction,
    instruction: request.instruction,
    provider_options: request.provider_options,
    cache: { ...request.cache, "no-store": true },
    diversify: null,
    on_document_error: "warn",
    disable_fallbacks: true,
    priority: lowestPriority,
    timeout,
  };
}

/** Any that is larger counts as this. */
export const lowestPriority = 1_000;
