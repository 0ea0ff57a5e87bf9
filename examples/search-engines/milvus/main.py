"""Milvus Lite searches by vectors, and has a Dheera AI proxy rank what it found."""

import os

from pymilvus import DataType, Function, FunctionType, MilvusClient

query = "What is the capital of the United States?"
texts = [
    "Carson City is the capital of Nevada.",
    "Washington, D.C. is the capital of the United States.",
    "Saipan is the capital of the Northern Mariana Islands.",
]

# A file for Milvus Lite.
client = MilvusClient("capitals.db")
if client.has_collection("capitals"):
    client.drop_collection("capitals")
schema = client.create_schema()
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("text", DataType.VARCHAR, max_length=10_000)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
index = client.prepare_index_params()
index.add_index("vector", metric_type="L2", index_type="FLAT")
client.create_collection("capitals", schema=schema, index_params=index)
# Your embedding model goes here.
client.insert("capitals", [{"id": i, "text": text, "vector": [float(i), 0.0]} for i, text in enumerate(texts)])

ranker = Function(
    name="rank",
    input_field_names=["text"],
    function_type=FunctionType.RERANK,
    params={
        "reranker": "model",
        "provider": "cohere",
        "model_name": "bge",
        "base_url": os.environ["DHEERA_AI_API_BASE"] + "/v2",
        "api_key": os.environ["DHEERA_AI_API_KEY"],
        "queries": [query],
    },
)
[hits] = client.search("capitals", data=[[0.0, 0.0]], anns_field="vector", limit=3, output_fields=["text"], ranker=ranker)
for hit in hits:
    print(f"{hit['distance']:.4f} {hit['entity']['text']}")
