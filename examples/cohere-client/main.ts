// An application written for Cohere, pointed at a Dheera AI proxy. Start one first: dheera_ai --config config.yaml
import { CohereClientV2 } from "cohere-ai";

const [server = "http://localhost:4000", token = "no-key-needed-on-this-machine"] = process.argv.slice(2);
const cohere = new CohereClientV2({ environment: server, token });

const documents = [
  "Carson City has been the capital of Nevada since 1861.",
  "Saipan is the largest of the Northern Mariana Islands and their capital.",
  "Washington, D.C. is the capital of the United States.",
  "Capital punishment has been applied in parts of the United States since colonial times.",
];

const { results } = await cohere.rerank({
  model: "bm25",
  query: "What is the capital of the United States?",
  documents,
  topN: 3,
});

for (const { index, relevanceScore } of results) console.log(relevanceScore.toFixed(4), documents[index]);
