import type { Language } from "@dheera-ai/bm25/collection";

import { indexCollection } from "../candidates/index-collection.ts";
import type { Collection, JudgedQuery } from "../collections/collection.ts";
import type { RankedQuery } from "./run-queries.ts";

export interface CandidateOptions {
  /** Documents a query at most. */
  readonly topK: number;
  /** Of the texts, for BM25; default english. */
  readonly language?: Language | undefined;
}

export interface Candidates {
  /** For people. */
  readonly source: string;
  readonly queries: readonly RankedQuery[];
}

/** What is to be ranked for each query: the candidates that the collection brings, else the best by BM25 of all its documents. */
export async function candidatesOf(
  collection: Collection,
  queries: readonly JudgedQuery[],
  { topK, language }: CandidateOptions,
): Promise<Candidates> {
  if (collection.queries.every(({ candidates }) => candidates !== undefined))
    return {
      source: "given with the collection",
      queries: queries.map(({ id, text, candidates = [] }) => ({ id, text, candidates: candidates.slice(0, topK) })),
    };
  const index = await indexCollection(collection, { language });
  return {
    source: "BM25 over the collection",
    queries: queries.map(({ id, text }) => ({
      id,
      text,
      candidates: index.search(text, topK).map((found) => found.id),
    })),
  };
}
