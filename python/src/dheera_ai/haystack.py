"""Rerank documents in a Haystack pipeline. ``pip install "dheera-ai[haystack]"`` brings Haystack along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from dheera_ai import RerankOptions, RerankResponse, arerank, rerank

try:
    from haystack import Document, component, default_from_dict, default_to_dict
    from haystack.utils import Secret
except ImportError as error:
    raise ImportError('dheera_ai.haystack needs Haystack: pip install "dheera-ai[haystack]"') from error

__all__ = ["DheeraAIRanker"]


@component
class DheeraAIRanker:
    """Ranks documents by how well they answer a query, best first, each with its score.

    Documents that come twice, by their id, are ranked once. Documents that came in are not changed. Haystack loads a
    stored pipeline with this component where it may: ``Pipeline.load(…, allowed_modules=["dheera_ai.haystack"])``.
    """

    def __init__(
        self,
        model: str,
        *,
        top_k: int | None = 10,
        api_base: str | None = None,
        api_key: Secret | None = None,
        timeout: float | None = None,
        meta_fields_to_embed: Sequence[str] = (),
        embedding_separator: str = "\n",
        options: dict[str, Any] | None = None,
    ) -> None:
        """Create a ranker; nothing is called before it runs.

        :param model: ``<provider>/<model>``, or with ``api_base`` a model name of the proxy there.
        :param top_k: How many documents to return at most, ``None`` for all.
        :param api_base: The server to call, or the Dheera AI proxy.
        :param api_key: The key for it; by default that of the environment.
        :param timeout: Seconds for the whole request, waits and retries included.
        :param meta_fields_to_embed: Names of ``meta`` whose values are scored before the content.
        :param embedding_separator: What stands between those values and the content.
        :param options: Any other field of a request, as ``rerank`` takes it: ``{"truncate": "END"}``.
        :raises ValueError: If ``top_k`` is less than 1.
        """
        self.model = model
        self.top_k = checked(top_k)
        self.api_base = api_base
        self.api_key = api_key
        self.timeout = timeout
        self.meta_fields_to_embed = list(meta_fields_to_embed)
        self.embedding_separator = embedding_separator
        self.options = options or {}

    def to_dict(self) -> dict[str, Any]:
        """Return the component as a dictionary.

        :raises ValueError: If the key was given as a token, which Haystack never stores.
        """
        return default_to_dict(
            self,
            model=self.model,
            top_k=self.top_k,
            api_base=self.api_base,
            api_key=self.api_key.to_dict() if self.api_key else None,
            timeout=self.timeout,
            meta_fields_to_embed=self.meta_fields_to_embed,
            embedding_separator=self.embedding_separator,
            options=self.options,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> DheeraAIRanker:
        """Return the component that ``to_dict`` described.

        :param data: What ``to_dict`` returned.
        """
        return default_from_dict(cls, data)

    @component.output_types(documents=list[Document])
    def run(self, query: str, documents: list[Document], top_k: int | None = None) -> dict[str, list[Document]]:
        """Rank the documents.

        :param query: What they are compared with.
        :param documents: Documents with texts.
        :param top_k: How many to return at most, in place of the component's own.
        :returns: ``documents``, best first.
        :raises ValueError: If ``top_k`` is less than 1.
        :raises dheera_ai.DheeraError: What ``dheera_ai.rerank`` raises.
        """
        top_n = self.top_k if top_k is None else checked(top_k)
        if not documents:
            return {"documents": []}
        distinct = list({document.id: document for document in documents}.values())
        texts = [self._text(document) for document in distinct]
        response = rerank(self.model, query, texts, top_n, **self._options())
        return {"documents": pick(distinct, response)}

    @component.output_types(documents=list[Document])
    async def run_async(
        self, query: str, documents: list[Document], top_k: int | None = None
    ) -> dict[str, list[Document]]:
        """As ``run``, without a thread of its own."""
        top_n = self.top_k if top_k is None else checked(top_k)
        if not documents:
            return {"documents": []}
        distinct = list({document.id: document for document in documents}.values())
        texts = [self._text(document) for document in distinct]
        response = await arerank(self.model, query, texts, top_n, **self._options())
        return {"documents": pick(distinct, response)}

    def _options(self) -> RerankOptions:
        options = {
            **self.options,
            "api_base": self.api_base,
            "api_key": self.api_key.resolve_value() if self.api_key else None,
            "timeout": self.timeout,
        }
        # The names in `options` are for the engine to check.
        return cast(RerankOptions, options)

    def _text(self, document: Document) -> str:
        values = [document.meta.get(name) for name in self.meta_fields_to_embed]
        texts = [str(value) for value in values if value is not None]
        return self.embedding_separator.join([*texts, document.content or ""])


def checked(top_k: int | None) -> int | None:
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, or None for all documents; it is {top_k}")
    return top_k


def pick(documents: list[Document], response: RerankResponse[Any]) -> list[Document]:
    return [replace(documents[result.index], score=result.relevance_score) for result in response.results]
