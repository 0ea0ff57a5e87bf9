"""The engine as callers see it: it starts at the first call, and again whenever it has been lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from typing import TypeVar

from dheera_ai._engine.running import RunningEngine, start_engine
from dheera_ai._engine.status import EngineStatus
from dheera_ai._errors import EngineError, Timeout
from dheera_ai._http import (
    ConnectionLostError,
    DeadlineExceededError,
    aclose_remotes,
    close_remotes,
    trace_headers,
)
from dheera_ai._processes.child import Child
from dheera_ai._processes.forks import forget_when_forked
from dheera_ai._transport import Answer

_log = logging.getLogger("dheera_ai")
_engine_log = logging.getLogger("dheera_ai.engine")
_Result = TypeVar("_Result")

_tries = 2
_wait_first = "wait for calls before close()"
# An environment that changes more often while calls begin is seen as it was a moment ago.
_most_preparations = 5


class Engine:
    """A private process with the models of one configuration: those of every official provider where it is ``None``.

    It is started by the first call, for all threads and event loops of this process; a forked process has one of its
    own. It sees ``os.environ`` as it is when a call begins. It ends with ``close()``, with this object, and with this
    process, however that ends.
    """

    def __init__(self, config: str | None = None) -> None:
        """``config``: the path of a ``config.yaml``."""
        self._supervisor = _Supervisor(config)
        self._end = weakref.finalize(self, self._supervisor.end)

    def post(
        self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Answer:
        return self.request("POST", path, body, headers=headers, timeout=timeout)

    async def apost(
        self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Answer:
        return await self.arequest("POST", path, body, headers=headers, timeout=timeout)

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """As ``post``, with another method: ``GET /models``, ``GET /health``."""
        call = _Call(self._supervisor, method, path, timeout)
        sent = {**trace_headers(), **(headers or {})}
        with self._supervisor.one_more_call():
            while True:
                running = self._supervisor.ready(call.deadline)
                try:
                    answer = running.connections.exchange(running.exchange_of(method, path, body, sent, call.deadline))
                except DeadlineExceededError as error:
                    raise _too_slow() from error
                except ConnectionLostError as lost:
                    call.lost(running, lost)
                else:
                    call.report(answer)
                    return answer

    async def arequest(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """As ``apost``, with another method."""
        call = _Call(self._supervisor, method, path, timeout)
        sent = {**trace_headers(), **(headers or {})}
        with self._supervisor.one_more_call():
            while True:
                running = await self._supervisor.aready(call.deadline)
                try:
                    exchange = running.exchange_of(method, path, body, sent, call.deadline)
                    answer = await running.connections.aexchange(exchange)
                except DeadlineExceededError as error:
                    raise _too_slow() from error
                except ConnectionLostError as lost:
                    await _in_thread(partial(call.lost, running, lost))
                else:
                    call.report(answer)
                    return answer

    def status(self) -> EngineStatus:
        """How it is now. Starts nothing and asks nobody."""
        return self._supervisor.status()

    def close(self) -> None:
        """Ends the process, and the calls under way with it. A later call starts another."""
        self._supervisor.stop()

    async def aclose(self) -> None:
        """As ``close``, without holding up the event loop."""
        running = self._supervisor.running
        if running is not None:
            await running.connections.aclose()
        await _in_thread(self._supervisor.stop)


def default_engine() -> Engine:
    """The engine of this process for calls without a configuration of their own."""
    return _default


def close_default_engine() -> None:
    """Ends the engine of this process and closes the connections to remote servers. A later call starts another."""
    default_engine().close()
    close_remotes()


async def aclose_default_engine() -> None:
    """As ``close_default_engine``, without holding up the event loop."""
    await default_engine().aclose()
    await aclose_remotes()


class _Call:
    """One call, and whether it may be tried again."""

    def __init__(self, supervisor: _Supervisor, method: str, path: str, timeout: float | None) -> None:
        self._supervisor = supervisor
        self._stops_before = supervisor.stops
        self._name = f"{method} {path}"
        self._began = time.monotonic()
        self.deadline = None if timeout is None else self._began + timeout
        self._tries = 0

    def lost(self, running: RunningEngine, lost: ConnectionLostError) -> None:
        """Returns when the call is to be tried again. Raises ``EngineError`` when it is not."""
        running.doubt()
        self._tries += 1
        # One that another call had replaced, before this one saw that it was lost, was not stopped by that.
        if running.stopped or self._supervisor.stops != self._stops_before:
            raise EngineError(f"the engine was closed while this call was under way; {_wait_first}") from lost
        how = running.describe_end()
        if self._tries >= _tries:
            raise EngineError(
                f"the engine was lost {self._tries} times during this call, the last time because {how}; look at the "
                "logger dheera_ai.engine, and for a limit of memory that this request exceeds (send fewer documents)"
            ) from lost
        _log.debug("%s: the engine was lost (%s), the call is tried again", self._name, how)

    def report(self, answer: Answer) -> None:
        milliseconds = (time.monotonic() - self._began) * 1_000
        _log.debug("%s: %d after %.1f ms", self._name, answer.status, milliseconds)


class _Supervisor:
    """Has one engine running, and has it know the environment. Knows nothing of ``Engine``, which may end before it."""

    def __init__(self, config: str | None) -> None:
        self._config = config
        self._ended = False
        self.stops = 0
        """How often it was stopped."""
        self.running: RunningEngine | None
        self._begin()
        forget_when_forked(self)

    def ready(self, deadline: float | None) -> RunningEngine:
        """The engine, started where it does not run and told where the environment has changed."""
        attempt = 0
        while True:
            attempt += 1
            running = self._current()
            if running is not None:
                return running
            try:
                prepared = self._prepare_soon().result(_seconds_until(deadline))
            except FutureTimeoutError as error:
                if deadline is None or time.monotonic() < deadline:
                    raise
                raise _too_slow() from error
            if attempt == _most_preparations:
                return prepared

    async def aready(self, deadline: float | None) -> RunningEngine:
        """As ``ready``, without holding up the event loop."""
        attempt = 0
        while True:
            attempt += 1
            running = self._current()
            if running is not None:
                return running
            try:
                prepared = await asyncio.wait_for(_result_of(self._prepare_soon()), _seconds_until(deadline))
            except (TimeoutError, asyncio.TimeoutError) as error:
                if deadline is None or time.monotonic() < deadline:
                    raise
                raise _too_slow() from error
            if attempt == _most_preparations:
                return prepared

    @contextlib.contextmanager
    def one_more_call(self) -> Generator[None, None, None]:
        calls = self._calls
        calls.append(None)
        try:
            yield
        finally:
            calls.pop()

    def status(self) -> EngineStatus:
        running = self.running
        lives = running is not None and running.child.exit_code() is None
        # One that nobody has called since it was lost.
        unseen = running is not None and not lives
        return EngineStatus(
            running=lives,
            pid=running.child.pid if running is not None and lives else None,
            calls=len(self._calls),
            starts=self._starts,
            losses=self._losses + (1 if unseen else 0),
            last_loss=running.describe_end(0) if running is not None and unseen else self._last_loss,
        )

    def stop(self) -> None:
        """Ends the engine, also one that starts."""
        with self._lock:
            self.stops += 1
            starting = self._starting
            preparer = self._preparer
        if starting is not None:
            starting.kill()
        with self._working:
            running, self.running = self.running, None
            if running is not None:
                running.stop()
        # One that a call has begun meanwhile is not this stop's.
        if self._preparing is None:
            _wait_for_end(preparer)

    def end(self) -> None:
        """At the end of ``Engine`` or of the process."""
        self._ended = True
        self.stop()

    def forget(self) -> None:
        """The engine is the parent's."""
        self._begin()

    def _begin(self) -> None:
        self.running = None
        # One for each: adding to a list and taking from it needs no lock.
        self._calls: list[None] = []
        self._starts = 0
        self._losses = 0
        self._last_loss: str | None = None
        self._starting: Child | None = None
        self._preparing: Future[RunningEngine] | None = None
        self._preparer: threading.Thread | None = None
        # For moments.
        self._lock = threading.Lock()
        # As long as an engine is started or stopped.
        self._working = threading.Lock()

    def _current(self) -> RunningEngine | None:
        """The engine, where nothing is known to be wrong with it."""
        running = self.running
        if running is None or running.suspect or running.environment != _environment():
            return None
        return running if running.child.exit_code() is None else None

    def _prepare_soon(self) -> Future[RunningEngine]:
        """One preparation at a time, in a thread of its own, for everybody who waits."""
        with self._lock:
            if self._ended:
                raise EngineError("the engine has ended, because its owner or this process ends; call it earlier")
            future = self._preparing
            if future is None:
                future = self._preparing = Future()
                self._preparer = _start_thread(lambda: self._prepare_for(future), "dheera_ai engine start")
            return future

    def _prepare_for(self, future: Future[RunningEngine]) -> None:
        try:
            with self._working:
                running = self._prepare()
        except BaseException as error:
            self._preparing = None
            future.set_exception(error)
        else:
            self._preparing = None
            future.set_result(running)

    def _prepare(self) -> RunningEngine:
        environment, stops = _environment(), self.stops
        running = self.running
        if running is not None and running.child.exit_code() is None and running.still_serves():
            try:
                if running.environment != environment:
                    running.tell_environment(environment)
                return running
            except (ConnectionLostError, DeadlineExceededError):
                running.doubt()
        if running is not None:
            self.running = None
            self._losses += 1
            self._last_loss = running.describe_end(0)
            _engine_log.warning("the engine was lost (%s), and is started again", self._last_loss)
            running.remove()
        self._starts += 1
        try:
            running = self.running = start_engine(self._config, environment, self._note_start)
        except EngineError as error:
            if self.stops == stops:
                raise
            raise EngineError(f"the engine was closed while it started; {_wait_first}") from error
        finally:
            self._starting = None
        return running

    def _note_start(self, child: Child) -> None:
        with self._lock:
            self._starting = child


def _environment() -> dict[str, str]:
    while True:
        # Another thread may take a variable away meanwhile.
        with contextlib.suppress(KeyError, RuntimeError):
            return dict(os.environ)


def _seconds_until(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _too_slow() -> Timeout:
    # The caller named the seconds; those that this side waits are some more.
    return Timeout("no answer in time; give the call a longer timeout, or fewer documents", param="timeout")


def _start_thread(work: Callable[[], None], name: str) -> threading.Thread | None:
    """``None`` when the work was done in this thread."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # An interpreter that ends starts no threads any more.
        work()
        return None
    return thread


def _wait_for_end(thread: threading.Thread | None) -> None:
    """Waits for one whose work is done: its result is known a moment before it is gone."""
    if thread is not None and thread is not threading.current_thread():
        thread.join(2)


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    """Not in the loop's own threads, of which there are few, and which others need."""
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    thread = _start_thread(run, "dheera_ai engine")
    try:
        return await _result_of(future)
    finally:
        if future.done():
            _wait_for_end(thread)


async def _result_of(future: Future[_Result]) -> _Result:
    """Waits for a future that others wait for as well: cancelling this leaves it alone."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def wake(_: Future[_Result]) -> None:
        # The loop may have ended meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    future.add_done_callback(wake)
    await done.wait()
    return future.result()


# Made here, so that no lock is needed that could be held when a process forks. Its process starts with the first call.
_default = Engine()
