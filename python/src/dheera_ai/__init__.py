"""Rerank documents with any reranker: Hugging Face, Cohere, a server or proxy of your own, or BM25 without any.

>>> import dheera_ai
>>> ranking = dheera_ai.rerank("bm25/default", "moon", ["the sun", "the moon"])
>>> ranking.results[0].index
1
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dheera_ai._processes.forks import import_whole

if TYPE_CHECKING:
    from dheera_ai._call.request import CacheControls, Documents, RerankOptions
    from dheera_ai._call.responses import (
        ApiVersion,
        BilledUnits,
        ExplainedCall,
        RerankExplanation,
        RerankMeta,
        RerankResponse,
        RerankResult,
        RerankStage,
        ScoreKind,
        Tokens,
        Usage,
    )
    from dheera_ai._client import AsyncClient, Client, aclose, arerank, close, engine_status, rerank
    from dheera_ai._engine.status import EngineStatus
    from dheera_ai._errors import (
        APIConnectionError,
        APIError,
        AuthenticationError,
        BadRequestError,
        BudgetExceededError,
        ContextWindowExceededError,
        DheeraError,
        EngineError,
        InternalServerError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        RequestTooLargeError,
        ServiceUnavailableError,
        Timeout,
        UnprocessableEntityError,
    )
    from dheera_ai._proxy import proxy

    __version__: str
    """The version of the package, which is that of the npm packages too: ``1.2.0``."""

__all__ = [
    "APIConnectionError",
    "APIError",
    "ApiVersion",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "BilledUnits",
    "BudgetExceededError",
    "CacheControls",
    "Client",
    "ContextWindowExceededError",
    "DheeraError",
    "Documents",
    "EngineError",
    "EngineStatus",
    "ExplainedCall",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestTooLargeError",
    "RerankExplanation",
    "RerankMeta",
    "RerankOptions",
    "RerankResponse",
    "RerankResult",
    "RerankStage",
    "ScoreKind",
    "ServiceUnavailableError",
    "Timeout",
    "Tokens",
    "UnprocessableEntityError",
    "Usage",
    "__version__",
    "aclose",
    "arerank",
    "close",
    "engine_status",
    "proxy",
    "rerank",
]

# A library prints nothing by itself: the logging module would write warnings that nobody asked for to the terminal.
logging.getLogger("dheera_ai").addHandler(logging.NullHandler())

_modules = {
    "_client": ("AsyncClient", "Client", "aclose", "arerank", "close", "engine_status", "rerank"),
    "_engine.status": ("EngineStatus",),
    "_proxy": ("proxy",),
    "_call.request": ("CacheControls", "Documents", "RerankOptions"),
    "_call.responses": (
        "ApiVersion",
        "BilledUnits",
        "ExplainedCall",
        "RerankExplanation",
        "RerankMeta",
        "RerankResponse",
        "RerankResult",
        "RerankStage",
        "ScoreKind",
        "Tokens",
        "Usage",
    ),
}
_homes = {name: module for module, names in _modules.items() for name in names}


if not TYPE_CHECKING:
    # Type checkers would take every name for one that this module has.
    def __getattr__(name: str) -> object:
        """Imports what is asked for when it is asked for, so that ``import dheera_ai`` itself takes no time."""
        if name == "__version__":
            from importlib.metadata import version

            value = version("dheera-ai")
        elif name in __all__:
            # What has no other home is an error.
            value = getattr(import_whole(f"dheera_ai.{_homes.get(name, '_errors')}"), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
