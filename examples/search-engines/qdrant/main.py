"""Qdrant finds candidates by vectors, Dheera AI puts the best first."""

import os

import dheera_ai
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

query = "What is the capital of the United States?"
texts = [
    "Carson City is the capital of Nevada.",
    "Washington, D.C. is the capital of the United States.",
    "Saipan is the capital of the Northern Mariana Islands.",
]

# `QdrantClient(url=…)` for a server; this one is in the memory of the program.
client = QdrantClient(":memory:")
client.create_collection("capitals", vectors_config=VectorParams(size=2, distance=Distance.COSINE))
# Your embedding model goes here.
points = [PointStruct(id=i, vector=[1.0, float(i)], payload={"text": text}) for i, text in enumerate(texts)]
client.upsert("capitals", points=points)

# Many candidates, of which the reranker keeps few.
candidates = client.query_points("capitals", query=[1.0, 0.0], limit=100, with_payload=["text"]).points
ranking = dheera_ai.rerank(
    "dheera_ai/bge",
    query,
    [candidate.payload["text"] for candidate in candidates],
    top_n=2,
    api_base=os.environ["DHEERA_AI_API_BASE"],
    api_key=os.environ["DHEERA_AI_API_KEY"],
)
for result in ranking.results:
    candidate = candidates[result.index]
    print(f"{result.relevance_score:.4f} {candidate.id} {candidate.payload['text']}")
