import { CohereClientV2 } from "cohere-ai";

import type { ClientUnderTest } from "../../client-under-test.ts";
import { cohereFailure } from "./cohere-ai-v1.ts";

export const client: ClientUnderTest = {
  package: "cohere-ai",
  call: "CohereClientV2.rerank",
  base: "",
  async rank({ url, key, model, query, documents, topN }) {
    const cohere = new CohereClientV2({ token: key, environment: url });
    const { results, meta } = await cohere.rerank({ model, query, documents: [...documents], topN }, { maxRetries: 0 });
    return {
      ranking: results.map(({ index, relevanceScore }) => ({ index, score: relevanceScore })),
      tokens: meta?.tokens?.inputTokens,
    };
  },
  failureOf: cohereFailure,
};
