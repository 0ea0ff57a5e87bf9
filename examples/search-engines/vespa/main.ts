import { rerank } from "dheera-ai";

/** A candidate of Vespa, with the fields that the query selects. */
interface Capital {
  readonly id: string;
  readonly text: string;
}

const query = "What is the capital of the United States?";
const { VESPA_URL, DHEERA_AI_API_BASE = "", DHEERA_AI_API_KEY = "" } = process.env;

// Many candidates, of which the reranker keeps few.
const answer = await fetch(`${VESPA_URL}/search/`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    yql: "select id, text from capitals where userQuery()",
    query,
    hits: 100,
    "ranking.profile": "bm25",
  }),
});
const { root } = (await answer.json()) as { root: { children?: { fields?: Capital }[]; errors?: object[] } };
// Vespa answers 200 for a part of the hits too, and says so here.
if (root.errors) throw new Error(`Vespa: ${JSON.stringify(root.errors)}`);

const candidates = (root.children ?? []).flatMap(({ fields }) => (fields?.text === undefined ? [] : [fields]));
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
