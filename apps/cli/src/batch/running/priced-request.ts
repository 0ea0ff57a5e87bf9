import type { RerankRequest } from "@dheera-ai/core";
import type { PricedRequest } from "@dheera-ai/eval";

/** As far as the cost of a request depends on it, and never less than what is sent. */
export function pricedRequestOf(request: RerankRequest): PricedRequest {
  const { query, documents, instruction, long_documents: long, max_chunks_per_doc: most } = request;
  const texts = documents.map(textOf);
  return {
    query: instruction ? `${instruction}\n${query}` : query,
    // Each chunk of a long document is paid for like a document, and none is longer than its document.
    documents: long === "chunk_max" ? texts.flatMap((text) => Array.from({ length: most ?? 10 }, () => text)) : texts,
  };
}

function textOf(document: unknown): string {
  if (typeof document === "string") return document;
  // Names and values, each on a line of its own: shorter than JSON with its quotes and indentation.
  return JSON.stringify(document, undefined, 2) ?? "";
}
