"""What carries a request: the engine and a remote server answer through the same two methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Answer:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Transport(Protocol):
    """Posts for callers that wait in their own thread."""

    def post(
        self,
        path: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Send JSON to ``path`` (``/rerank``) and return the answer, an error's too.

        ``timeout`` is the number of seconds for the whole exchange, ``None``: no limit of the transport's own (the
        server has one). Raises ``Timeout``, ``APIConnectionError`` or ``EngineError``. A ``KeyboardInterrupt`` closes
        the connection, so that the server stops working.
        """
        ...


class AsyncTransport(Protocol):
    """Posts for coroutines, of whatever event loop."""

    async def apost(
        self,
        path: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """As ``Transport.post``; cancelling the task closes the connection."""
        ...


class DuplexTransport(Transport, AsyncTransport, Protocol):
    """One that takes both: the engine, and a remote server."""
