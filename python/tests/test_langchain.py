"""LangChain's own retriever with our compressor, on the engine and against a server that keeps what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.runnables import RunnableLambda
from langchain_core.vectorstores import InMemoryVectorStore
from pydantic import ValidationError
from recording_server import RecordingServer, recording_server

import dheera_ai
from dheera_ai.langchain import DheeraAIRerank

QUERY = "capital of Nevada"
DOCUMENTS = [
    Document(id="saipan", page_content="Saipan is an island.", metadata={"source": "b", "title": "Saipan"}),
    Document(id="carson", page_content="Carson City is the capital of Nevada.", metadata={"source": "a", "page": 3}),
    Document(id="sun", page_content="The sun rises in the east.", metadata={}),
]


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with recording_server() as running:
        yield running


@pytest.fixture
def retriever() -> ContextualCompressionRetriever:
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
    store.add_documents(DOCUMENTS)
    return ContextualCompressionRetriever(
        base_compressor=DheeraAIRerank(model="bm25/default", top_n=2),
        base_retriever=store.as_retriever(search_kwargs={"k": 3}),
    )


def test_a_retriever_returns_the_best_documents_with_their_metadata_and_scores(
    retriever: ContextualCompressionRetriever,
) -> None:
    found = retriever.invoke(QUERY)
    assert [document.id for document in found] == ["carson", found[1].id]
    score = found[0].metadata["relevance_score"]
    assert found[0].metadata == {"source": "a", "page": 3, "relevance_score": score}
    assert score > found[1].metadata["relevance_score"]


def test_a_retriever_works_in_coroutines_and_chains(retriever: ContextualCompressionRetriever) -> None:
    chain = retriever | RunnableLambda(contents)
    assert asyncio.run(chain.ainvoke(QUERY)) == chain.invoke(QUERY)


def contents(documents: list[Document]) -> list[str]:
    return [document.page_content for document in documents]


def test_the_documents_that_came_in_stay_as_they_were() -> None:
    DheeraAIRerank(model="bm25/default").compress_documents(DOCUMENTS, QUERY)
    assert [document.metadata for document in DOCUMENTS][2] == {}


def test_every_setting_reaches_the_server(server: RecordingServer) -> None:
    compressor = DheeraAIRerank(
        model="reranker",
        top_n=2,
        api_base=server.url,
        api_key="sk-1",
        timeout=7,
        options={"truncate": "END", "max_tokens_per_doc": 128},
    )
    found = compressor.compress_documents(DOCUMENTS, QUERY)
    assert [(document.id, document.metadata["relevance_score"]) for document in found] == [("sun", 1), ("carson", 0.5)]
    [asked] = server.asked
    assert (asked.path, asked.authorization) == ("/rerank", "Bearer sk-1")
    assert (
        asked.body.items()
        >= {
            "model": "reranker",
            "query": QUERY,
            "documents": [document.page_content for document in DOCUMENTS],
            "top_n": 2,
            "timeout": 7,
            "truncate": "END",
            "max_tokens_per_doc": 128,
        }.items()
    )


def test_rank_fields_sends_the_named_metadata_and_no_other(server: RecordingServer) -> None:
    compressor = DheeraAIRerank(model="reranker", api_base=server.url, rank_fields=["title", "text"])
    asyncio.run(compressor.acompress_documents(DOCUMENTS, QUERY))
    assert server.asked[0].body["rank_fields"] == ["title", "text"]
    assert server.asked[0].body["documents"] == [
        {"title": "Saipan", "text": "Saipan is an island."},
        {"text": "Carson City is the capital of Nevada."},
        {"text": "The sun rises in the east."},
    ]


def test_without_documents_nobody_is_asked(server: RecordingServer) -> None:
    compressor = DheeraAIRerank(model="reranker", api_base=server.url)
    assert list(compressor.compress_documents([], QUERY)) == []
    assert list(asyncio.run(compressor.acompress_documents([], QUERY))) == []
    assert server.asked == []


def test_the_key_is_not_shown() -> None:
    compressor = DheeraAIRerank(model="m", api_key="sk-secret")
    assert "sk-secret" not in repr(compressor) + compressor.model_dump_json()


def test_a_wrong_setting_is_refused_when_the_compressor_is_made() -> None:
    with pytest.raises(ValidationError, match="top_n"):
        DheeraAIRerank("m", top_n=0)
    with pytest.raises(ValidationError, match="timeout"):
        DheeraAIRerank("m", timeout=0)
    with pytest.raises(TypeError, match="top_m"):
        DheeraAIRerank("m", top_m=3)  # type: ignore[call-arg]


def test_errors_are_those_of_the_library() -> None:
    with pytest.raises(dheera_ai.DheeraError, match="api_base"):
        DheeraAIRerank(model="hosted_vllm/m").compress_documents(DOCUMENTS, QUERY)
