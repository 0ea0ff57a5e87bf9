import { indexDocuments, type IndexOptions } from "@dheera-ai/bm25/collection";

import type { Collection } from "../collections/collection.ts";
import type { Scored } from "../measures/order-by-score.ts";

/** Search over all documents of a collection by BM25. */
export interface SearchedCollection {
  /** At most `topK` documents, best first, equal ones in the collection's order; none where no word of the query occurs. */
  search(query: string, topK: number): readonly Scored[];
}

/** @throws DheeraError `invalid_request` naming the option at fault. */
export async function indexCollection(
  { documents }: Pick<Collection, "documents">,
  options: IndexOptions = {},
): Promise<SearchedCollection> {
  const ids = [...documents.keys()];
  const index = await indexDocuments(documents.values(), options);
  return {
    search: (query, topK) =>
      index.search(query, topK).map(({ document, score }) => ({ id: ids[document] ?? "", score })),
  };
}
