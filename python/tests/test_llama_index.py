"""LlamaIndex's own engines with our postprocessor, on the engine and against a server that keeps what it is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from llama_index.core import MockEmbedding, VectorStoreIndex
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.base import BaseEvent
from pydantic import ValidationError
from recording_server import RecordingServer, recording_server

from dheera_ai.llama_index import DheeraAIRerank

QUERY = "capital of Nevada"


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    with recording_server() as running:
        yield running


@pytest.fixture
def nodes() -> list[NodeWithScore]:
    texts = {
        "saipan": "Saipan is an island.",
        "carson": "Carson City is the capital of Nevada.",
        "sun": "The sun rises.",
    }
    return [NodeWithScore(node=TextNode(id_=name, text=text), score=0.25) for name, text in texts.items()]


def query_engine(nodes: list[NodeWithScore]) -> RetrieverQueryEngine:
    index = VectorStoreIndex([node.node for node in nodes], embed_model=MockEmbedding(embed_dim=4))
    return RetrieverQueryEngine.from_args(
        index.as_retriever(similarity_top_k=3),
        llm=MockLLM(),
        node_postprocessors=[DheeraAIRerank(model="bm25/default", top_n=1)],
    )


def test_a_query_engine_answers_from_the_best_nodes(nodes: list[NodeWithScore]) -> None:
    response = query_engine(nodes).query(QUERY)
    assert isinstance(response, Response)
    [source] = response.source_nodes
    assert source.node_id == "carson"
    assert source.score is not None
    assert source.score > 0
    assert "Carson City" in str(response)
    assert "Saipan" not in str(response)


def test_a_query_engine_answers_in_coroutines(nodes: list[NodeWithScore]) -> None:
    response = asyncio.run(query_engine(nodes).aquery(QUERY))
    assert [source.node_id for source in response.source_nodes] == ["carson"]


def test_every_setting_reaches_the_server_and_nodes_are_scored_by_what_is_embedded(server: RecordingServer) -> None:
    node = TextNode(
        id_="a", text="A text.", metadata={"title": "T", "path": "/a"}, excluded_embed_metadata_keys=["path"]
    )
    rerank = DheeraAIRerank(
        model="reranker", top_n=1, api_base=server.url, api_key="sk-1", timeout=7, options={"truncate": "END"}
    )
    [ranked] = rerank.postprocess_nodes([NodeWithScore(node=node, score=0.25)], query_str=QUERY)
    assert (ranked.node, ranked.score) == (node, 1)
    [asked] = server.asked
    assert (asked.path, asked.authorization) == ("/rerank", "Bearer sk-1")
    assert (
        asked.body.items()
        >= {
            "model": "reranker",
            "query": QUERY,
            "documents": ["title: T\n\nA text."],
            "top_n": 1,
            "timeout": 7,
            "truncate": "END",
        }.items()
    )


@pytest.mark.parametrize("is_async", [False, True])
def test_handlers_and_callbacks_see_the_reranking(
    server: RecordingServer, nodes: list[NodeWithScore], is_async: bool
) -> None:
    seen: list[BaseEvent] = []

    class Handler(BaseEventHandler):
        @classmethod
        def class_name(cls) -> str:
            return "Handler"

        def handle(self, event: BaseEvent, **kwargs: object) -> None:
            seen.append(event)

    debug = LlamaDebugHandler(print_trace_on_end=False)
    rerank = DheeraAIRerank(model="reranker", top_n=2, api_base=server.url, callback_manager=CallbackManager([debug]))
    root, handler = get_dispatcher(), Handler()
    root.add_event_handler(handler)
    try:
        if is_async:
            ranked = asyncio.run(rerank.apostprocess_nodes(nodes, query_str=QUERY))
        else:
            ranked = rerank.postprocess_nodes(nodes, query_str=QUERY)
    finally:
        root.event_handlers.remove(handler)

    assert [(node.node_id, node.score) for node in ranked] == [("sun", 1), ("carson", 0.5)]
    assert [node.score for node in nodes] == [0.25, 0.25, 0.25]
    [start, end] = seen
    assert isinstance(start, ReRankStartEvent)
    assert isinstance(end, ReRankEndEvent)
    assert (start.model_name, start.top_n, len(start.nodes), end.nodes) == ("reranker", 2, 3, ranked)
    assert start.span_id is not None
    [[begun, ended]] = debug.get_event_pairs(CBEventType.RERANKING)
    assert begun.payload is not None
    assert ended.payload is not None
    assert (begun.payload["query_str"], ended.payload["nodes"]) == (QUERY, ranked)


def test_without_nodes_nobody_is_asked(server: RecordingServer) -> None:
    rerank = DheeraAIRerank(model="reranker", api_base=server.url)
    assert rerank.postprocess_nodes([], query_str=QUERY) == []
    assert asyncio.run(rerank.apostprocess_nodes([], query_str=QUERY)) == []
    assert server.asked == []


def test_without_a_query_it_says_so(nodes: list[NodeWithScore]) -> None:
    rerank = DheeraAIRerank(model="bm25/default")
    with pytest.raises(ValueError, match="query_str"):
        rerank.postprocess_nodes(nodes)
    with pytest.raises(ValueError, match="query_str"):
        asyncio.run(rerank.apostprocess_nodes(nodes))


def test_it_is_stored_without_its_key() -> None:
    rerank = DheeraAIRerank(model="reranker", top_n=3, api_key="sk-secret")
    stored = rerank.to_json()
    assert "sk-secret" not in stored + repr(rerank)
    assert json.loads(stored).items() >= {"class_name": "DheeraAIRerank", "model": "reranker", "top_n": 3}.items()
    assert DheeraAIRerank.from_json(stored).top_n == 3


def test_a_wrong_setting_is_refused_when_the_postprocessor_is_made() -> None:
    with pytest.raises(ValidationError, match="top_n"):
        DheeraAIRerank("m", top_n=0)
    with pytest.raises(ValidationError, match="timeout"):
        DheeraAIRerank("m", timeout=0)
    with pytest.raises(TypeError, match="top_m"):
        DheeraAIRerank("m", top_m=3)  # type: ignore[call-arg]
