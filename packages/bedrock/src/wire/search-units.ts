import type { Usage } from "@dheera-ai/core";

/** Tokens of query and document beyond which Amazon counts the document as several, less those that models add. */
const tokensOfDocument = 500;
const documentsOfUnit = 100;

/**
 * What the Rerank API bills, which its answer does not say: a unit for each 100 documents begun. Known only where no
 * document can have so many tokens that it counts as several; no text has more tokens than bytes.
 */
export function searchUnits(query: string, documents: readonly string[]): Usage | undefined {
  const most = tokensOfDocument - bytesOf(query);
  if (documents.some((text) => text.length > most || bytesOf(text) > most)) return undefined;
  return { searchUnits: Math.ceil(documents.length / documentsOfUnit) };
}

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

const encoder = new TextEncoder();
