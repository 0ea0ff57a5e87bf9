"""What the tests of processes share: a scripted upstream, Python programs that are run, and conditions to wait for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

# Seconds. Long enough for a machine that is busy: what is waited for comes as soon as it can.
PATIENCE = 60.0
_Result = TypeVar("_Result")


class Work(Protocol):
    """What runs meanwhile: a future, a task of an event loop, a ``Program``."""

    def done(self) -> bool: ...

    def result(self) -> object: ...


def eventually(condition: Callable[[], object], what: str, *, of: Sequence[Work] = ()) -> None:
    """Waits until a condition holds.

    ``of``: the work that brings it about. When one fails, its error is raised at once, and when all have ended nothing
    is waited for any more.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        # Before the condition: what the work did until its end counts.
        ended = [work for work in of if work.done()]
        if condition():
            return
        results = [work.result() for work in ended]
        assert not of or len(ended) < len(of), f"it did not come about: {what}; all work for it has ended: {results}"
        assert time.monotonic() < deadline, f"it did not come about: {what}"
        time.sleep(0.005)


def in_background(work: Callable[[], _Result]) -> Future[_Result]:
    """Runs it in a thread that a failing test does not wait for."""
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits for its parent to notice has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return Path("/proc/self").exists()
    return status.rpartition(")")[2].split()[0] == "Z"


class LoopbackServer:
    """Accepts connections and serves each in a thread of its own. ``close()`` leaves no thread and no file.

    A file is closed when no thread waits on it any more: a thread that the system wakes asks again by number, which may
    be another file's by then, and would take a connection, or bytes, which are meant for another test.
    """

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        """``serve`` may end with an ``OSError``; its connection is closed then as well."""
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1_024)
        self.port: int = self._listener.getsockname()[1]
        self._closing = False
        self._open: dict[socket.socket, threading.Thread] = {}
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        self._closing = True
        with suppress(OSError):
            # Wakes the thread where no other connection does.
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
        self._accepting.join(PATIENCE)
        self._listener.close()
        for connection, serving in list(self._open.items()):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            serving.join(PATIENCE)

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._closing:
                connection.close()
                return
            serving = threading.Thread(target=self._serve_and_close, args=(connection,), daemon=True)
            self._open[connection] = serving
            serving.start()

    def _serve_and_close(self, connection: socket.socket) -> None:
        try:
            with suppress(OSError):
                self._serve(connection)
        finally:
            del self._open[connection]
            connection.close()


@dataclass
class Arrival:
    """One request at the upstream, and what becomes of it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    answer: Callable[[int, dict[str, Any]], None]
    connection: int
    """The number of the connection that it came over."""
    gone: threading.Event = field(default_factory=threading.Event)
    """The client has closed the connection."""


class Upstream:
    """A rerank API in Cohere's shape, on loopback. Holds what arrives until the test answers, unless ``at_once``."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        """Whether what arrives from now on is answered."""
        self.arrivals: list[Arrival] = []
        self._server = LoopbackServer(self._serve)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def arrival(self, number: int = 0, *, of: Sequence[Work]) -> Arrival:
        """Waits for the request with this number. ``of``: the calls that send it."""
        eventually(lambda: len(self.arrivals) > number, f"request {number} at the upstream", of=of)
        return self.arrivals[number]

    def arrival_of(self, call: Callable[[float], object]) -> Arrival:
        """The request of a call that ends after so many seconds: more of them where a busy machine sent none yet."""
        for seconds in (0.3, 3.0, 30.0):
            call(seconds)
            if self.arrivals:
                return self.arrivals[0]
        raise AssertionError("no request at the upstream")

    def close(self) -> None:
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self, connection: socket.socket) -> None:
        received = b""
        current: Arrival | None = None
        try:
            while piece := connection.recv(65_536):
                received += piece
                parsed = _parse(received)
                if parsed is not None:
                    received = b""
                    current = self._arrive(connection, *parsed)
        finally:
            if current is not None:
                current.gone.set()

    def _arrive(self, connection: socket.socket, path: str, headers: dict[str, str], body: dict[str, Any]) -> Arrival:
        def answer(status: int, content: dict[str, Any]) -> None:
            text = json.dumps(content)
            head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n"
            connection.sendall((head + text).encode())

        arrival = Arrival(path, headers, body, answer, connection.getpeername()[1])
        self.arrivals.append(arrival)
        if self.at_once:
            answer(200, ranking_of(body))
        return arrival


def ranking_of(body: dict[str, Any]) -> dict[str, Any]:
    """What a server of Cohere's kind answers: documents in their order."""
    count = len(body.get("documents", []))
    return {"id": "1", "results": [{"index": index, "relevance_score": 1 - index / 100} for index in range(count)]}


def _parse(received: bytes) -> tuple[str, dict[str, str], dict[str, Any]] | None:
    head, separator, rest = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    request, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if len(rest) < int(headers.get("content-length", "0")):
        return None
    return request.split(" ")[1], headers, json.loads(rest or b"{}")


class Program:
    """A Python program that the test wrote, in a process group of its own."""

    def __init__(self, source: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _prelude + textwrap.dedent(source), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            text=True,
            start_new_session=True,
        )
        self.pid = self._process.pid

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hear(self) -> Any:  # noqa: ANN401 - JSON
        """The next thing that it told."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the program ended: {self._process.stderr.read() if self._process.stderr else ''}"
        return json.loads(line)

    def done(self) -> bool:
        return self._process.poll() is not None

    def result(self) -> tuple[int, str, str]:
        return self.finish()

    def finish(self) -> tuple[int, str, str]:
        """Exit code, the rest of standard output, standard error."""
        output, error = self._process.communicate(timeout=3 * PATIENCE)
        return self._process.returncode, output, error

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def signal_group(self, number: int) -> None:
        """As a terminal does."""
        os.killpg(self.pid, number)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def program(source: str, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Program]:
    """Runs a program, and ends it with the block."""
    running = Program(source, *arguments, environment=environment)
    try:
        yield running
    finally:
        running.end()


def run_program(source: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """What a program prints. It must succeed and say nothing on standard error, where warnings are errors."""
    with program(source, *arguments, environment=environment) as running:
        code, output, error = running.finish()
    assert (code, error) == (0, ""), f"exit code {code}: {error}"
    return output


_prelude = """
import json, os, sys

def tell(value):
    os.write(1, (json.dumps(value) + "\\\\n").encode())

def wait_for_a_word():
    return sys.stdin.readline().strip()

def engine_pid():
    from dheera_ai._engine import default_engine
    return json.loads(default_engine().request("GET", "/health").body)["pid"]

def rank():
    import dheera_ai
    return dheera_ai.rerank("bm25/default", "moon", ["the sun", "the moon"]).results[0].index

""".replace("\\\\n", "\\n")
