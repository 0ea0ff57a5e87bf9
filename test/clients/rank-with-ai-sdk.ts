import { createCohere } from "@ai-sdk/cohere";
import { createTogetherAI } from "@ai-sdk/togetherai";
import { rerank } from "ai";

/**
 * A user's program: `node rank-with-ai-sdk.ts <cohere or togetherai> <url> <key> <model> <query> <documents as JSON>`
 * prints the ranking. Not
 * a part of the test that runs it, because a dependency of the AI SDK ships its sources under the same condition as
 * this workspace, and they do not run there.
 */
const [client = "", url = "", apiKey = "", model = "", query = "", documents = "[]"] = process.argv.slice(2);
const provider =
  client === "togetherai"
    ? createTogetherAI({ baseURL: `${url}/v1`, apiKey })
    : createCohere({ baseURL: `${url}/v2`, apiKey });
const texts: string[] = JSON.parse(documents);
const { ranking } = await rerank({ model: provider.reranking(model), query, documents: texts, topN: 3 });
process.stdout.write(
  JSON.stringify(ranking.map(({ originalIndex, score }) => ({ index: originalIndex, relevance_score: score }))),
);
