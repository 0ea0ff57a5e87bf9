"""Connections to one server: for threads, and for each event loop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dheera_ai._processes.forks import HeldDescriptor, forget_when_forked, let_go
from dheera_ai._transport import Answer

if TYPE_CHECKING:
    import httpx


class ConnectionLostError(Exception):
    """The connection could not be made, or ended before the answer was complete."""

    def __init__(self, reason: str, *, answer_began: bool, was_idle: bool) -> None:
        super().__init__(reason)
        self.answer_began = answer_began
        """The status had arrived."""
        self.was_idle = was_idle
        """The connection had served before, and the server may have closed it meanwhile."""


class DeadlineExceededError(Exception):
    """The exchange took longer than it was given."""


@dataclass(frozen=True)
class Exchange:
    """One request, and how long its answer may take."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    deadline: float | None
    """On the clock of ``time.monotonic``."""

    def seconds_left(self) -> float | None:
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError
        return left


class Connections:
    """At most ``most`` connections for all threads together, and as many for each event loop.

    Each is a client of httpx of its own, with one connection: one client's time for a request grows with the square of
    its connections, so that 1,000 calls at once would take minutes.
    """

    def __init__(
        self,
        open_client: Callable[[], httpx.Client | httpx.HTTPTransport],
        open_async_client: Callable[[], httpx.AsyncClient | httpx.AsyncHTTPTransport],
        *,
        connect_seconds: float | None = None,
    ) -> None:
        self._open_client = open_client
        self._open_async_client = open_async_client
        self._connect_seconds = connect_seconds
        self._most = most_connections()
        self.closed = False
        self._begin()
        forget_when_forked(self)

    def exchange(self, exchange: Exchange) -> Answer:
        """:raises ConnectionLostError: :raises DeadlineExceededError:"""
        if not self._room.acquire(timeout=_wait_of(exchange.seconds_left())):
            raise DeadlineExceededError
        try:
            lane = self._take()
            try:
                answer = lane.exchange(exchange, self._connect_seconds)
            except BaseException:
                # Also ctrl-C: the server sees that nobody waits any more.
                self._discard(lane)
                raise
            self._put_back(lane)
            return answer
        finally:
            self._room.release()

    async def aexchange(self, exchange: Exchange) -> Answer:
        """As ``exchange``, in the running event loop."""
        loop = asyncio.get_running_loop()
        lanes = self._loops.get(loop)
        if lanes is None:
            lanes = await self._open_loop(loop)
        left = exchange.seconds_left()
        if left is None:
            return await lanes.exchange(exchange, self._connect_seconds)
        try:
            return await asyncio.wait_for(lanes.exchange(exchange, self._connect_seconds), left)
        except (TimeoutError, asyncio.TimeoutError):
            raise DeadlineExceededError from None

    def close(self) -> None:
        """Closes what is idle now, and what is in use when its request is done."""
        self.closed = True
        while self._idle:
            self._discard(self._idle.pop())
        for loop, lanes in list(self._loops.items()):
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(lanes.close_soon)
        self._loops.clear()

    async def aclose(self) -> None:
        """As ``close``, and waits for the connections of the running loop."""
        lanes = self._loops.pop(asyncio.get_running_loop(), None)
        self.close()
        if lanes is not None:
            await lanes.aclose()

    def forget(self) -> None:
        """The connections are the parent's."""
        loops = list(self._loops.values())
        lanes: list[_Lane | _AsyncLane] = [*self._lanes, *(lane for of_loop in loops for lane in of_loop.lanes)]
        let_go(lane.held for lane in lanes if lane.held is not None)
        for lane in self._idle:
            lane.close()
        # A loop's own machinery is shared with the parent and must not hear of its connections again, and a connection
        # that was in use has locks that no thread opens any more. They stay as they are, for good.
        _of_the_parent.extend((loops, self._lanes.difference(self._idle)))
        self._begin()

    def _begin(self) -> None:
        self._room = threading.Semaphore(self._most)
        self._idle: deque[_Lane] = deque()
        self._lanes: set[_Lane] = set()
        self._loops: dict[asyncio.AbstractEventLoop, _LanesOfALoop] = {}

    def _take(self) -> _Lane:
        try:
            return self._idle.pop()
        except IndexError:
            lane = _Lane(self._open_client())
            self._lanes.add(lane)
            return lane

    def _put_back(self, lane: _Lane) -> None:
        lane.idle_since = time.monotonic()
        self._idle.append(lane)
        if self.closed:
            self.close()
        # The last that was used is used next, so that those at the other end are the ones that nobody needs.
        while self._idle and lane.idle_since - self._idle[0].idle_since > _idle_seconds:
            self._discard(self._idle.popleft())

    def _discard(self, lane: _Lane) -> None:
        self._lanes.discard(lane)
        lane.close()

    async def _open_loop(self, loop: asyncio.AbstractEventLoop) -> _LanesOfALoop:
        for other in list(self._loops):
            if other.is_closed():
                self._loops.pop(other, None)
        lanes = self._loops[loop] = _LanesOfALoop(self, self._open_async_client, self._most)
        await lanes.close_with_loop()
        return lanes

    def leave_loop(self, lanes: _LanesOfALoop) -> None:
        """The loop of these ends."""
        for loop, of_loop in list(self._loops.items()):
            if of_loop is lanes:
                self._loops.pop(loop, None)


class _Lane:
    """One connection for threads."""

    def __init__(self, client: httpx.Client | httpx.HTTPTransport) -> None:
        self._client = client
        self.held: HeldDescriptor | None = None
        self.idle_since = -math.inf

    def exchange(self, exchange: Exchange, connect_seconds: float | None) -> Answer:
        import httpx

        request = _request_of(exchange, connect_seconds)
        timeouts: dict[str, float | None] = request.extensions["timeout"]

        def watch(event: str, information: Mapping[str, Any]) -> None:
            if event in _connected:
                self.held = _descriptor_of(information["return_value"])
            elif exchange.deadline is not None and event.endswith(".started"):
                # Each step has the time that the steps before it left.
                timeouts.update(_timeouts(exchange, connect_seconds))

        request.extensions["trace"] = watch
        answer_began = False
        try:
            client = self._client
            response = (
                client.send(request, stream=True)
                if isinstance(client, httpx.Client)
                else client.handle_request(request)
            )
            answer_began = True
            try:
                pieces: list[bytes] = []
                for piece in response.iter_bytes():
                    exchange.seconds_left()
                    pieces.append(piece)
            finally:
                response.close()
            return Answer(response.status_code, _headers_of(response), b"".join(pieces))
        except httpx.HTTPError as error:
            raise _failure(error, exchange, answer_began, self.idle_since > 0) from error

    def close(self) -> None:
        self._client.close()


class _AsyncLane:
    """One connection of an event loop."""

    def __init__(self, client: httpx.AsyncClient | httpx.AsyncHTTPTransport) -> None:
        self._client = client
        self.held: HeldDescriptor | None = None
        self.idle_since = -math.inf

    async def exchange(self, exchange: Exchange, connect_seconds: float | None) -> Answer:
        import httpx

        request = _request_of(exchange, connect_seconds)

        async def watch(event: str, information: Mapping[str, Any]) -> None:
            if event in _connected:
                self.held = _descriptor_of(information["return_value"])

        request.extensions["trace"] = watch
        answer_began = False
        try:
            client = self._client
            response = (
                await client.send(request, stream=True)
                if isinstance(client, httpx.AsyncClient)
                else await client.handle_async_request(request)
            )
            answer_began = True
            try:
                body = await response.aread()
            finally:
                await response.aclose()
            return Answer(response.status_code, _headers_of(response), body)
        except httpx.HTTPError as error:
            raise _failure(error, exchange, answer_began, self.idle_since > 0) from error

    async def aclose(self) -> None:
        await self._client.aclose()


class _LanesOfALoop:
    def __init__(
        self,
        connections: Connections,
        open_client: Callable[[], httpx.AsyncClient | httpx.AsyncHTTPTransport],
        most: int,
    ) -> None:
        self._connections = connections
        self._open_client = open_client
        self._room = asyncio.Semaphore(most)
        self._idle: deque[_AsyncLane] = deque()
        self.lanes: set[_AsyncLane] = set()
        self._closed = False
        self._end: AsyncGenerator[None, None] | None = None

    async def exchange(self, exchange: Exchange, connect_seconds: float | None) -> Answer:
        async with self._room:
            lane = self._take()
            try:
                answer = await lane.exchange(exchange, connect_seconds)
            except BaseException:
                # Also when the task is cancelled: the server sees that nobody waits any more.
                await self._discard(lane)
                raise
            await self._put_back(lane)
            return answer

    async def close_with_loop(self) -> None:
        """Has ``aclose`` called when the loop ends: a loop closes the generators that were begun in it."""

        async def end() -> AsyncGenerator[None, None]:
            try:
                yield
            finally:
                self._connections.leave_loop(self)
                await self.aclose()

        self._end = end()
        await self._end.__anext__()

    def close_soon(self) -> None:
        task = asyncio.get_running_loop().create_task(self.aclose())
        _closing.add(task)
        task.add_done_callback(_closing.discard)

    async def aclose(self) -> None:
        self._closed = True
        while self._idle:
            await self._discard(self._idle.pop())

    def _take(self) -> _AsyncLane:
        if self._idle:
            return self._idle.pop()
        lane = _AsyncLane(self._open_client())
        self.lanes.add(lane)
        return lane

    async def _put_back(self, lane: _AsyncLane) -> None:
        lane.idle_since = time.monotonic()
        self._idle.append(lane)
        if self._closed:
            await self.aclose()
        while self._idle and lane.idle_since - self._idle[0].idle_since > _idle_seconds:
            await self._discard(self._idle.popleft())

    async def _discard(self, lane: _AsyncLane) -> None:
        self.lanes.discard(lane)
        await lane.aclose()


def most_connections() -> int:
    """Half of the files that this process may open, since its own work needs some, and no more than 1,000."""
    if sys.platform == "win32":
        return 1_000
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000 if soft == resource.RLIM_INFINITY else max(1, min(1_000, soft // 2))


# Seconds. Servers and what stands before them keep idle connections for a minute or longer.
_idle_seconds = 50.0
_connected = frozenset({"connection.connect_unix_socket.complete", "connection.connect_tcp.complete"})
_closing: set[asyncio.Task[None]] = set()
_of_the_parent: list[object] = []


def _request_of(exchange: Exchange, connect_seconds: float | None) -> httpx.Request:
    import httpx

    return httpx.Request(
        exchange.method,
        exchange.url,
        headers=dict(exchange.headers),
        content=exchange.body,
        extensions={"timeout": _timeouts(exchange, connect_seconds)},
    )


def _timeouts(exchange: Exchange, connect_seconds: float | None) -> dict[str, float | None]:
    left = exchange.seconds_left()
    connect = min((seconds for seconds in (left, connect_seconds) if seconds is not None), default=None)
    return {"connect": connect, "read": left, "write": left, "pool": left}


def _wait_of(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, threading.TIMEOUT_MAX)


def _descriptor_of(stream: Any) -> HeldDescriptor | None:  # noqa: ANN401 - httpcore's, of either kind
    if not hasattr(os, "fork"):
        return None
    opened = stream.get_extra_info("socket")
    number = -1 if opened is None else opened.fileno()
    try:
        return None if number < 0 else HeldDescriptor.of(number)
    except OSError:
        # Closed already.
        return None


def _headers_of(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _failure(error: httpx.HTTPError, exchange: Exchange, answer_began: bool, was_idle: bool) -> Exception:
    import httpx

    is_late = exchange.deadline is not None and time.monotonic() >= exchange.deadline
    if isinstance(error, httpx.TimeoutException) and (is_late or not isinstance(error, httpx.ConnectTimeout)):
        return DeadlineExceededError()
    reason = str(error) or type(error).__name__
    return ConnectionLostError(reason, answer_began=answer_began, was_idle=was_idle)
