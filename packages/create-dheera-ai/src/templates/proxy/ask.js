// A first ranking: asks the proxy that `start` runs, with the master key of .env.
const address = process.argv[2] ?? "http://localhost:4000";
const documents = [
  "Carson City has been the capital of Nevada since 1861.",
  "Saipan is the largest of the Northern Mariana Islands and their capital.",
  "Washington, D.C. is the capital of the United States.",
];

const response = await fetch(`${address}/rerank`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${process.env.DHEERA_AI_MASTER_KEY}` },
  body: JSON.stringify({ model: "MODEL", query: "What is the capital of the United States?", documents }),
}).catch(() => undefined);

if (response === undefined) {
  console.error(`Nothing answers at ${address}: start the proxy first, in another terminal.`);
  process.exitCode = 1;
} else if (response.ok) {
  const { results } = await response.json();
  for (const { index, relevance_score } of results) console.log(relevance_score.toFixed(4), documents[index]);
} else {
  console.error(response.status, await response.text());
  process.exitCode = 1;
}
