import { DheeraError, type Score, type ScoreCall } from "@dheera-ai/core";
import { isRecord, readScores } from "@dheera-ai/core/provider-utils";

import { withoutEmpty } from "./texts.ts";

/** The path of the Rerank API. */
export const rerankPath = "/rerank";

/** @param modelArn as `arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0` */
export function rerankBody({ query, documents }: ScoreCall, modelArn: string, modelFields: object | undefined): object {
  return {
    queries: [{ type: "TEXT", textQuery: { text: query } }],
    sources: documents.map((text) => ({
      type: "INLINE",
      inlineDocumentSource: { type: "TEXT", textDocument: { text: withoutEmpty(text) } },
    })),
    rerankingConfiguration: {
      type: "BEDROCK_RERANKING_MODEL",
      bedrockRerankingConfiguration: {
        // Five, where it is not said.
        numberOfResults: documents.length,
        modelConfiguration: { modelArn, ...(modelFields && { additionalModelRequestFields: modelFields }) },
      },
    },
  };
}

/**
 * Asks for page after page: each is the whole request again, with the token of the one before.
 * @throws DheeraError `provider_bad_response` where pages go on without results
 */
export async function readPages(
  body: object,
  documentCount: number,
  ask: (body: object) => Promise<unknown>,
): Promise<readonly Score[]> {
  const scores: Score[] = [];
  for (let nextToken: string | undefined; ;) {
    const answer = await ask(nextToken === undefined ? body : { ...body, nextToken });
    const page = readScores(answer);
    scores.push(...page);
    nextToken = isRecord(answer) && typeof answer["nextToken"] === "string" ? answer["nextToken"] : undefined;
    // More than there can be is refused by core.
    if (!nextToken || scores.length > documentCount) return scores;
    if (page.length === 0)
      throw new DheeraError("provider_bad_response", "Amazon Bedrock answers with a next page, and with no results", {
        provider: "bedrock",
      });
  }
}
