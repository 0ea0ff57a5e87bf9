import Together from "together-ai";

import type { ClientUnderTest } from "../../client-under-test.ts";

export const client: ClientUnderTest = {
  package: "together-ai",
  call: "Together.rerank.create",
  base: "/together/v1",
  async rank({ url, key, model, query, documents, topN }) {
    const together = new Together({ apiKey: key, baseURL: `${url}${this.base}`, maxRetries: 0 });
    const { results, usage } = await together.rerank.create({
      model,
      query,
      documents: [...documents],
      top_n: topN,
      return_documents: true,
    });
    return {
      ranking: results.map(({ index, relevance_score }) => ({ index, score: relevance_score })),
      tokens: usage?.total_tokens,
      documents: results.map(({ document }) => document.text),
    };
  },
  failureOf: (error) =>
    error instanceof Together.APIError ? { status: error.status ?? 0, message: error.message } : undefined,
};
