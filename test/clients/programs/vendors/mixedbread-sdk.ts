import Mixedbread from "@mixedbread/sdk";

import type { ClientUnderTest } from "../../client-under-test.ts";

export const client: ClientUnderTest = {
  package: "@mixedbread/sdk",
  call: "Mixedbread.rerank",
  base: "/mixedbread",
  async rank({ url, key, model, query, documents, topN }) {
    const mixedbread = new Mixedbread({ apiKey: key, baseURL: `${url}${this.base}`, maxRetries: 0 });
    const { data, usage } = await mixedbread.rerank({
      model,
      query,
      input: [...documents],
      top_k: topN,
      return_input: true,
    });
    return {
      ranking: data.map(({ index, score }) => ({ index, score })),
      tokens: usage.total_tokens,
      documents: data.map(({ input }) => input),
    };
  },
  failureOf: (error) =>
    error instanceof Mixedbread.APIError ? { status: error.status ?? 0, message: error.message } : undefined,
};
