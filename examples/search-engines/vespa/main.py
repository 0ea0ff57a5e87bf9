"""Vespa finds candidates, Dheera AI puts the best first."""

import os

import dheera_ai
from vespa.application import Vespa

query = "What is the capital of the United States?"

vespa = Vespa(url=os.environ["VESPA_URL"])
# Many candidates, of which the reranker keeps few.
found = vespa.query(
    body={
        "yql": "select id, text from capitals where userQuery()",
        "query": query,
        "hits": 100,
        "ranking.profile": "bm25",
    }
)
# Vespa answers 200 for a part of the hits too, and says so here.
if errors := found.json["root"].get("errors"):
    raise RuntimeError(f"Vespa: {errors}")
candidates = [hit["fields"] for hit in found.hits if "text" in hit.get("fields", {})]
if candidates:
    ranking = dheera_ai.rerank(
        "dheera_ai/bge",
        query,
        [candidate["text"] for candidate in candidates],
        top_n=2,
        api_base=os.environ["DHEERA_AI_API_BASE"],
        api_key=os.environ["DHEERA_AI_API_KEY"],
    )
    for result in ranking.results:
        candidate = candidates[result.index]
        print(f"{result.relevance_score:.4f} {candidate['id']} {candidate['text']}")
