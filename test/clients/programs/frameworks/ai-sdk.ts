import { APICallError, type RerankingModel, rerank } from "ai";

import type { ClientUnderTest, Question } from "../../client-under-test.ts";

/** `rerank` of the AI SDK with the model of one of its providers. */
export function aiSdkClient(
  name: string,
  base: string,
  modelOf: (baseURL: string, question: Question) => RerankingModel,
): ClientUnderTest {
  return {
    package: name,
    call: "rerank of ai",
    base,
    async rank(question) {
      const { query, documents, topN, url } = question;
      const model = modelOf(`${url}${base}`, question);
      const { ranking } = await rerank({ model, query, documents: [...documents], topN, maxRetries: 0 });
      return {
        ranking: ranking.map(({ originalIndex, score }) => ({ index: originalIndex, score })),
        documents: ranking.map(({ document }) => document),
      };
    },
    failureOf: (error) =>
      APICallError.isInstance(error) ? { status: error.statusCode ?? 0, message: error.message } : undefined,
  };
}
