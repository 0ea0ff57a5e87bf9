"""Haystack's own pipelines with our ranker, on the engine and against a server that keeps what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from haystack import Document, Pipeline
from haystack.components.builders import PromptBuilder
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import Secret
from recording_server import RecordingServer, recording_server

from dheera_ai.haystack import DheeraAIRanker

QUERY = "capital of Nevada"
DOCUMENTS = [
    Document(id="saipan", content="Saipan is an island, and no capital.", meta={"title": "Saipan", "year": 1565}),
    Document(id="carson", content="Carson City is the capital of Nevada.", meta={"source": "a"}),
    Document(id="sun", content="The sun rises in the east of Nevada."),
]


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with recording_server() as running:
        yield running


def pipeline() -> Pipeline:
    store = InMemoryDocumentStore()
    store.write_documents(DOCUMENTS)
    made = Pipeline()
    made.add_component("retriever", InMemoryBM25Retriever(store))
    made.add_component("ranker", DheeraAIRanker("bm25/default", top_k=1))
    made.add_component("prompt", PromptBuilder("{{ documents[0].content }}", required_variables=["documents"]))
    made.connect("retriever.documents", "ranker.documents")
    made.connect("ranker.documents", "prompt.documents")
    return made


DATA = {"retriever": {"query": QUERY}, "ranker": {"query": QUERY}}


def test_a_pipeline_hands_on_the_best_documents() -> None:
    answer = pipeline().run(DATA, include_outputs_from={"ranker"})
    [best] = answer["ranker"]["documents"]
    assert (best.id, best.meta) == ("carson", {"source": "a"})
    assert best.score > 0
    assert answer["prompt"] == {"prompt": "Carson City is the capital of Nevada."}


def test_a_pipeline_runs_in_coroutines() -> None:
    answer = asyncio.run(pipeline().run_async(DATA))
    assert answer == {"prompt": {"prompt": "Carson City is the capital of Nevada."}}


def test_a_pipeline_is_stored_with_the_name_of_the_keys_variable(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Pipeline()
    ranker = DheeraAIRanker(
        "reranker",
        top_k=2,
        api_base=server.url,
        api_key=Secret.from_env_var("SEARCH_KEY"),
        timeout=7,
        meta_fields_to_embed=["title"],
        embedding_separator=" - ",
        options={"truncate": "END"},
    )
    made.add_component("ranker", ranker)
    stored = made.dumps()
    monkeypatch.setenv("SEARCH_KEY", "sk-1")
    loaded = Pipeline.loads(stored, allowed_modules=["dheera_ai.haystack"])
    assert loaded.dumps() == stored

    answer = loaded.run({"query": QUERY, "documents": DOCUMENTS})
    assert [(found.id, found.score) for found in answer["ranker"]["documents"]] == [("sun", 1), ("carson", 0.5)]
    [asked] = server.asked
    assert (asked.path, asked.authorization) == ("/rerank", "Bearer sk-1")
    assert (
        asked.body.items()
        >= {
            "model": "reranker",
            "query": QUERY,
            "documents": ["Saipan - Saipan is an island, and no capital.", DOCUMENTS[1].content, DOCUMENTS[2].content],
            "top_n": 2,
            "timeout": 7,
            "truncate": "END",
        }.items()
    )


def test_a_key_that_is_no_variable_is_never_stored() -> None:
    with pytest.raises(ValueError, match="Cannot serialize token-based secret"):
        DheeraAIRanker("m", api_key=Secret.from_token("sk-secret")).to_dict()


def test_run_takes_another_top_k_and_leaves_its_input_as_it_was(server: RecordingServer) -> None:
    ranker = DheeraAIRanker("reranker", api_base=server.url, top_k=None)
    assert len(ranker.run(QUERY, DOCUMENTS)["documents"]) == 3
    assert len(ranker.run(QUERY, DOCUMENTS, top_k=1)["documents"]) == 1
    assert [request.body.get("top_n") for request in server.asked] == [None, 1]
    assert [document.score for document in DOCUMENTS] == [None, None, None]


def test_a_document_that_comes_twice_is_ranked_once(server: RecordingServer) -> None:
    ranker = DheeraAIRanker("reranker", api_base=server.url)
    found = ranker.run(QUERY, [DOCUMENTS[0], DOCUMENTS[1], DOCUMENTS[0]])["documents"]
    assert [document.id for document in found] == ["carson", "saipan"]


def test_without_documents_nobody_is_asked(server: RecordingServer) -> None:
    ranker = DheeraAIRanker("reranker", api_base=server.url)
    assert ranker.run(QUERY, []) == {"documents": []}
    assert asyncio.run(ranker.run_async(QUERY, [])) == {"documents": []}
    assert server.asked == []


def test_a_top_k_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="top_k must be at least 1"):
        DheeraAIRanker("m", top_k=0)
    with pytest.raises(ValueError, match="top_k must be at least 1"):
        DheeraAIRanker("m").run(QUERY, DOCUMENTS, top_k=0)
