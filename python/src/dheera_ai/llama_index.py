"""Rerank what LlamaIndex retrieved. ``pip install "dheera-ai[llama-index]"`` brings LlamaIndex along."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from dheera_ai import RerankOptions, RerankResponse, arerank, rerank

try:
    from llama_index.core.bridge.pydantic import Field, SecretStr
    from llama_index.core.callbacks import CallbackManager, CBEventType, EventPayload
    from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle
    from llama_index_instrumentation import get_dispatcher
except ImportError as error:
    raise ImportError('dheera_ai.llama_index needs LlamaIndex: pip install "dheera-ai[llama-index]"') from error

__all__ = ["DheeraAIRerank"]

dispatcher = get_dispatcher(__name__)


class DheeraAIRerank(BaseNodePostprocessor):
    """The nodes that answer the query best, best first, with the score of the reranker in place of the retriever's.

    A node is scored by what LlamaIndex would embed: its text with the metadata that are not excluded from embedding.
    The key is never part of what LlamaIndex stores of a component. Raises what ``dheera_ai.rerank`` raises.
    """

    model: str = Field(description="<provider>/<model>, or with api_base a model name of the proxy there.")
    top_n: int | None = Field(default=None, ge=1, description="How many nodes to return; all of them by default.")
    api_base: str | None = Field(default=None, description="The server to call, or the Dheera AI proxy.")
    api_key: SecretStr | None = Field(
        default=None, exclude=True, description="The key for it; by default that of the environment."
    )
    timeout: float | None = Field(
        default=None, gt=0, description="Seconds for the whole request, waits and retries included."
    )
    options: dict[str, Any] = Field(
        default_factory=dict, description='Any other field of a request, as rerank takes it: {"truncate": "END"}.'
    )

    def __init__(
        self,
        model: str,
        *,
        top_n: int | None = None,
        api_base: str | None = None,
        api_key: str | SecretStr | None = None,
        timeout: float | None = None,
        options: Mapping[str, Any] | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """Create a postprocessor; nothing is called before it is used.

        :param model: ``<provider>/<model>``, or with ``api_base`` a model name of the proxy there.
        :param top_n: How many nodes to return, 1 or more; all of them by default.
        :param api_base: The server to call, or the Dheera AI proxy.
        :param api_key: The key for it; by default that of the environment.
        :param timeout: Seconds for the whole request, waits and retries included; more than 0.
        :param options: Any other field of a request, as ``rerank`` takes it: ``{"truncate": "END"}``.
        :param callback_manager: Who is told of each reranking.
        :raises pydantic.ValidationError: If one is of another type, or out of its range.
        """
        settings: dict[str, Any] = {
            "model": model,
            "top_n": top_n,
            "api_base": api_base,
            "api_key": api_key,
            "timeout": timeout,
            "options": options or {},
            "callback_manager": callback_manager or CallbackManager(),
        }
        super().__init__(**settings)

    @classmethod
    def class_name(cls) -> str:
        """The name by which LlamaIndex stores a component."""
        return "DheeraAIRerank"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        query = required(query_bundle)
        if not nodes:
            return []
        with self._reported(nodes, query) as ranked:
            response = rerank(self.model, query.query_str, contents(nodes), self.top_n, **self._options())
            ranked += pick(nodes, response)
        return ranked

    @dispatcher.span
    async def _apostprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        query = required(query_bundle)
        if not nodes:
            return []
        with self._reported(nodes, query) as ranked:
            response = await arerank(self.model, query.query_str, contents(nodes), self.top_n, **self._options())
            ranked += pick(nodes, response)
        return ranked

    @contextmanager
    def _reported(self, nodes: list[NodeWithScore], query: QueryBundle) -> Generator[list[NodeWithScore], None, None]:
        """Tell handlers and callbacks that a reranking begins, and, when it succeeds, what was put into the list."""
        top_n = self.top_n or len(nodes)
        ranked: list[NodeWithScore] = []
        dispatcher.event(ReRankStartEvent(query=query, nodes=nodes, top_n=top_n, model_name=self.model))
        with self.callback_manager.event(
            CBEventType.RERANKING,
            payload={
                EventPayload.NODES: nodes,
                EventPayload.MODEL_NAME: self.model,
                EventPayload.QUERY_STR: query.query_str,
                EventPayload.TOP_K: top_n,
            },
        ) as event:
            yield ranked
            event.on_end(payload={EventPayload.NODES: ranked})
        dispatcher.event(ReRankEndEvent(nodes=ranked))

    def _options(self) -> RerankOptions:
        options = {
            **self.options,
            "api_base": self.api_base,
            "api_key": self.api_key.get_secret_value() if self.api_key else None,
            "timeout": self.timeout,
        }
        # The names in `options` are for the engine to check.
        return cast(RerankOptions, options)


def contents(nodes: list[NodeWithScore]) -> list[str]:
    return [node.node.get_content(metadata_mode=MetadataMode.EMBED) for node in nodes]


def required(query: QueryBundle | None) -> QueryBundle:
    if query is None:
        raise ValueError("DheeraAIRerank needs the query: pass query_bundle or query_str")
    return query


def pick(nodes: list[NodeWithScore], response: RerankResponse[Any]) -> list[NodeWithScore]:
    return [NodeWithScore(node=nodes[result.index].node, score=result.relevance_score) for result in response.results]
