"""Asks a Dheera AI proxy from Python, with the standard library alone. Start one first: dheera_ai --config config.yaml"""

import json
import sys
from urllib.request import Request, urlopen

server = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:4000"

documents = [
    "Carson City has been the capital of Nevada since 1861.",
    "Saipan is the largest of the Northern Mariana Islands and their capital.",
    "Washington, D.C. is the capital of the United States.",
    "Capital punishment has been applied in parts of the United States since colonial times.",
]

body = {
    "model": "bm25",
    "query": "What is the capital of the United States?",
    "documents": documents,
    "top_n": 3,
}

# The same with the requests package: ranking = requests.post(f"{server}/v1/rerank", json=body).json()
request = Request(
    f"{server}/v1/rerank",
    data=json.dumps(body).encode(),
    # With a master key: "Authorization": f"Bearer {key}"
    headers={"Content-Type": "application/json"},
)
with urlopen(request) as response:
    ranking = json.load(response)

for result in ranking["results"]:
    print(f"{result['relevance_score']:.4f}", documents[result["index"]])
