import { VoyageAIClient, VoyageAIError } from "voyageai";

import type { ClientUnderTest } from "../../client-under-test.ts";

export const client: ClientUnderTest = {
  package: "voyageai",
  call: "VoyageAIClient.rerank",
  base: "/voyage/v1",
  async rank({ url, key, model, query, documents, topN }) {
    const voyage = new VoyageAIClient({ apiKey: key, environment: `${url}${this.base}` });
    const request = { model, query, documents: [...documents], topK: topN, returnDocuments: true, truncation: true };
    const { data = [], usage } = await voyage.rerank(request, { maxRetries: 0 });
    return {
      ranking: data.map(({ index = -1, relevanceScore = -1 }) => ({ index, score: relevanceScore })),
      tokens: usage?.totalTokens,
      documents: data.map(({ document }) => document),
    };
  },
  failureOf(error) {
    if (!(error instanceof VoyageAIError)) return undefined;
    const { statusCode = 0, body } = error;
    // What its documentation of errors names.
    const detail: unknown = typeof body === "object" && body !== null && "detail" in body ? body.detail : undefined;
    return { status: statusCode, message: String(detail) };
  },
};
