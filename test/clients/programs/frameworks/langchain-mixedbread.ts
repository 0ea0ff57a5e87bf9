import { MixedbreadAIReranker } from "@langchain/mixedbread-ai";

import type { ClientUnderTest } from "../../client-under-test.ts";
import { failureWithStatus } from "./failure-with-status.ts";

export const client: ClientUnderTest = {
  package: "@langchain/mixedbread-ai",
  call: "MixedbreadAIReranker.rerank",
  base: "/mixedbread",
  async rank({ url, key, model, query, documents, topN }) {
    const reranker = new MixedbreadAIReranker({
      apiKey: key,
      baseUrl: `${url}${this.base}`,
      model,
      topK: topN,
      returnInput: true,
      maxRetries: 0,
    });
    const found = await reranker.rerank([...documents], query);
    return {
      ranking: found.map(({ index, score }) => ({ index, score })),
      documents: found.map(({ input }) => input),
    };
  },
  failureOf: failureWithStatus,
};
