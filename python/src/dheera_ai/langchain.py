"""Rerank what a LangChain retriever found. ``pip install "dheera-ai[langchain]"`` brings LangChain along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from dheera_ai import RerankOptions, RerankResponse, arerank, rerank

try:
    from langchain_core.callbacks import Callbacks
    from langchain_core.documents import BaseDocumentCompressor, Document
    from pydantic import Field, SecretStr
except ImportError as error:
    raise ImportError('dheera_ai.langchain needs LangChain: pip install "dheera-ai[langchain]"') from error

__all__ = ["DheeraAIRerank"]


class DheeraAIRerank(BaseDocumentCompressor):
    """The documents that answer the query best, best first, each with ``relevance_score`` in its metadata.

    Put it into a ``ContextualCompressionRetriever``, or call it yourself. Documents keep their id and their metadata;
    those that came in are not changed. Raises what ``dheera_ai.rerank`` raises.
    """

    model: str
    top_n: int | None = Field(default=None, ge=1)
    api_base: str | None = None
    api_key: SecretStr | None = None
    timeout: float | None = Field(default=None, gt=0)
    rank_fields: list[str] | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    def __init__(
        self,
        model: str,
        *,
        top_n: int | None = None,
        api_base: str | None = None,
        api_key: str | SecretStr | None = None,
        timeout: float | None = None,
        rank_fields: Sequence[str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Create a compressor; nothing is called before it is used.

        :param model: ``<provider>/<model>``, or with ``api_base`` a model name of the proxy there.
        :param top_n: How many documents to return, 1 or more; all of them by default.
        :param api_base: The server to call, or the Dheera AI proxy.
        :param api_key: The key for it; by default that of the environment.
        :param timeout: Seconds for the whole request, waits and retries included; more than 0.
        :param rank_fields: What is scored, in this order: names of metadata, and ``text`` for the content. By default
            the content alone.
        :param options: Any other field of a request, as ``rerank`` takes it: ``{"truncate": "END"}``.
        :raises pydantic.ValidationError: If one is of another type, or out of its range.
        """
        settings = {
            "model": model,
            "top_n": top_n,
            "api_base": api_base,
            "api_key": api_key,
            "timeout": timeout,
            "rank_fields": rank_fields,
            "options": options or {},
        }
        super().__init__(**settings)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Document]:
        """Return the best of the documents, best first.

        :param documents: What a retriever found.
        :param query: What they are compared with.
        :param callbacks: LangChain's; the retriever that calls this reports to them itself, so they are not used.
        :raises dheera_ai.DheeraError: What ``dheera_ai.rerank`` raises.
        """
        if not documents:
            return []
        response = rerank(self.model, query, self._contents(documents), self.top_n, **self._options())
        return pick(documents, response)

    async def acompress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Document]:
        """As ``compress_documents``, without a thread of its own."""
        if not documents:
            return []
        response = await arerank(self.model, query, self._contents(documents), self.top_n, **self._options())
        return pick(documents, response)

    def _options(self) -> RerankOptions:
        options = {
            **self.options,
            "api_base": self.api_base,
            "api_key": self.api_key.get_secret_value() if self.api_key else None,
            "timeout": self.timeout,
            "rank_fields": self.rank_fields,
        }
        # The names in `options` are for the engine to check.
        return cast(RerankOptions, options)

    def _contents(self, documents: Sequence[Document]) -> list[str] | list[dict[str, Any]]:
        """Only what is scored leaves the process: other metadata may hold secrets, and need not be JSON."""
        if self.rank_fields is None:
            return [document.page_content for document in documents]
        records = [
            {name: document.metadata[name] for name in self.rank_fields if name in document.metadata}
            for document in documents
        ]
        return [{**record, "text": document.page_content} for record, document in zip(records, documents, strict=True)]


def pick(documents: Sequence[Document], response: RerankResponse[Any]) -> list[Document]:
    return [
        documents[result.index].model_copy(
            update={"metadata": {**documents[result.index].metadata, "relevance_score": result.relevance_score}}
        )
        for result in response.results
    ]
