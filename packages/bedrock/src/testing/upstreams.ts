import type { Score } from "@dheera-ai/core";
import type { UpstreamRequest } from "@dheera-ai/core/testing";

/** How the Rerank API is asked and answers, by the service's published model. */
export const rerankApi = {
  readTexts({ body }: UpstreamRequest): { readonly query: unknown; readonly documents: unknown } {
    const { queries, sources } = body as Partial<RerankBody>;
    return {
      query: queries?.[0]?.textQuery.text,
      documents: sources?.map(({ inlineDocumentSource }) => inlineDocumentSource.textDocument.text),
    };
  },
  answer: (scores: readonly Score[]): object => ({
    results: scores.map(({ index, score }) => ({ index, relevanceScore: score })),
  }),
};

/** How InvokeModel is asked and answers for Cohere's models. */
export const invokeModel = {
  readTexts: ({ body }: UpstreamRequest): { readonly query: unknown; readonly documents: unknown } => ({
    query: body["query"],
    documents: body["documents"],
  }),
  answer: (scores: readonly Score[]): object => ({
    results: scores.map(({ index, score }) => ({ index, relevance_score: score })),
  }),
};

export interface RerankBody {
  readonly queries: readonly { readonly textQuery: { readonly text: string } }[];
  readonly sources: readonly {
    readonly inlineDocumentSource: { readonly textDocument: { readonly text: string } };
  }[];
  readonly nextToken?: string;
}

/** Scores for as many documents, the last the best. */
export function scoresFor(count: number): readonly Score[] {
  return Array.from({ length: count }, (_, index) => ({ index, score: (index + 1) / (count + 1) }));
}
