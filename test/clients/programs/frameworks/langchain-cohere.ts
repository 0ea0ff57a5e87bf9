import { CohereRerank } from "@langchain/cohere";
import { Document } from "@langchain/core/documents";
import { CohereClient } from "cohere-ai-7";

import type { ClientUnderTest } from "../../client-under-test.ts";
import { failureWithStatus } from "./failure-with-status.ts";

export const client: ClientUnderTest = {
  package: "@langchain/cohere",
  call: "CohereRerank.compressDocuments",
  base: "",
  async rank({ url, key, model, query, documents, topN }) {
    const cohere = new CohereClient({ token: key, environment: url, maxRetries: 0 });
    const found = await new CohereRerank({ client: cohere, model, topN }).compressDocuments(
      documents.map((pageContent, index) => new Document({ pageContent, metadata: { index } })),
      query,
    );
    return {
      ranking: found.map(({ metadata }) => ({ index: metadata["index"], score: metadata["relevanceScore"] })),
      documents: found.map(({ pageContent }) => pageContent),
    };
  },
  failureOf: failureWithStatus,
};
