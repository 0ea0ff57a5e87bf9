import { QdrantClient } from "@qdrant/js-client-rest";
import { rerank } from "dheera-ai";

const query = "What is the capital of the United States?";
const { QDRANT_URL = "", DHEERA_AI_API_BASE = "", DHEERA_AI_API_KEY = "" } = process.env;

const client = new QdrantClient({ url: QDRANT_URL });
// The vector of the query, from your embedding model; many candidates, of which the reranker keeps few.
const { points } = await client.query("capitals", { query: [1, 0], limit: 100, with_payload: ["text"] });

const candidates = points.map(({ id, payload }) => ({ id, text: String(payload?.["text"] ?? "") }));
if (candidates.length > 0) {
  const { results } = await rerank({
    model: "dheera_ai/bge",
    query,
    documents: candidates.map(({ text }) => text),
    top_n: 2,
    api_base: DHEERA_AI_API_BASE,
    api_key: DHEERA_AI_API_KEY,
  });
  for (const { index, relevance_score } of results) {
    const candidate = candidates[index];
    console.log(`${relevance_score.toFixed(4)} ${candidate?.id} ${candidate?.text}`);
  }
}
