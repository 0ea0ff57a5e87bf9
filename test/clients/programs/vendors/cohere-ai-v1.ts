import { CohereClient, CohereError } from "cohere-ai";

import type { ClientUnderTest, Failure } from "../../client-under-test.ts";

export const client: ClientUnderTest = {
  package: "cohere-ai",
  call: "CohereClient.rerank",
  base: "",
  async rank({ url, key, model, query, documents, topN }) {
    const cohere = new CohereClient({ token: key, environment: url });
    const request = { model, query, documents: [...documents], topN, returnDocuments: true };
    const { results, meta } = await cohere.rerank(request, { maxRetries: 0 });
    return {
      ranking: results.map(({ index, relevanceScore }) => ({ index, score: relevanceScore })),
      tokens: meta?.tokens?.inputTokens,
      documents: results.map(({ document }) => document?.text),
    };
  },
  failureOf: cohereFailure,
};

export function cohereFailure(error: unknown): Failure | undefined {
  if (!(error instanceof CohereError)) return undefined;
  return { status: error.statusCode ?? 0, message: error.message };
}
