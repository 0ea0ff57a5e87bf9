// Ranks in this very process: BM25 needs no server, no account and no network.
// For a neural reranker, set HF_TOKEN and ask for "huggingface/BAAI/bge-reranker-base".
import { rerank } from "dheera-ai";

const documents = [
  "Carson City has been the capital of Nevada since 1861.",
  "Saipan is the largest of the Northern Mariana Islands and their capital.",
  "Washington, D.C. is the capital of the United States.",
  "Capital punishment has been applied in parts of the United States since colonial times.",
];

const { results } = await rerank({
  model: process.argv[2] ?? "bm25/default",
  query: "What is the capital of the United States?",
  documents,
  top_n: 3,
});

for (const { index, relevance_score } of results) console.log(relevance_score.toFixed(4), documents[index]);
