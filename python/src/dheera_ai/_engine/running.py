"""One engine that runs: its process, its folder, and the connections to it."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from dheera_ai._call.narrow import Json, is_json
from dheera_ai._engine.private_folder import make_private_folder, remove_abandoned_folders, remove_folder, socket_path
from dheera_ai._errors import DheeraError, EngineError, error_of, from_answer
from dheera_ai._http import ConnectionLostError, Connections, DeadlineExceededError, Exchange
from dheera_ai._node import bundle_path, node_path, with_compile_cache
from dheera_ai._processes.child import Child
from dheera_ai._processes.forks import import_http_client, no_fork

_log = logging.getLogger("dheera_ai.engine")

# Seconds. A start takes a fraction of one on a machine that is not busy.
_start_seconds = 60.0
_levels = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_stop_patience = 2.0
# Windows has no sockets that only one user may open.
_over_loopback = sys.platform == "win32"
_health_seconds = 30.0


class RunningEngine:
    """Made by ``start_engine``."""

    def __init__(
        self, child: Child, folder: Path, address: str, key: str | None, environment: Mapping[str, str]
    ) -> None:
        self.child = child
        self.environment = environment
        """What it was last told."""
        self.stopped = False
        """By this process, and not by a failure."""
        self._doubts: deque[None] = deque()
        self._folder = folder
        self._origin = address if key is not None else "http://engine"
        self._authorization = {} if key is None else {"authorization": f"Bearer {key}"}
        self.connections = _connect(address if key is None else None)
        self._stop_no_more = _at_end_of_a_worker(self.stop)

    def exchange_of(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], deadline: float | None
    ) -> Exchange:
        sent = {"content-type": "application/json", **headers, **self._authorization}
        return Exchange(method, f"{self._origin}{path}", sent, body, deadline)

    def tell_environment(self, environment: Mapping[str, str]) -> None:
        """Has later requests see these variables. Raises what the engine finds wrong with them."""
        body = json.dumps(environment).encode()
        answer = self.connections.exchange(
            self.exchange_of("PUT", "/environment", body, {}, time.monotonic() + _start_seconds)
        )
        if answer.status >= 400:
            raise from_answer(answer.status, answer.body, answer.headers)
        self.environment = environment

    def doubt(self) -> None:
        """A connection to it broke: whether it still serves has to be asked."""
        self._doubts.append(None)

    @property
    def suspect(self) -> bool:
        return bool(self._doubts)

    def still_serves(self) -> bool:
        """Asks it where it is suspect: its process may be ending without being gone."""
        while self.suspect:
            # A connection that breaks after the question may have broken after the answer as well.
            doubts = len(self._doubts)
            if not self._answers():
                return False
            for _ in range(doubts):
                self._doubts.popleft()
        return True

    def _answers(self) -> bool:
        asked = self.exchange_of("GET", "/health", b"", {}, time.monotonic() + _health_seconds)
        # The first connection may be another that broke.
        for _ in range(2):
            with contextlib.suppress(ConnectionLostError, DeadlineExceededError):
                return self.connections.exchange(asked).status == 200
        return False

    def describe_end(self, patience: float = 1) -> str:
        """How its process ended, for errors. ``patience``: seconds in which it may still end."""
        code = self.child.wait(patience)
        if code is None:
            return "it closed the connection"
        return f"it was killed by signal {-code}" if code < 0 else f"it ended with exit code {code}"

    def stop(self) -> None:
        """Calls under way end with it."""
        self.stopped = True
        self.remove()

    def remove(self) -> None:
        """Ends what is left of one that was lost. Calls under way, which may not have seen it yet, are tried again."""
        self._stop_no_more()
        self.connections.close()
        try:
            self.child.stop(_stop_patience)
        finally:
            remove_folder(self._folder)


def start_engine(config: str | None, environment: Mapping[str, str], started: Callable[[Child], None]) -> RunningEngine:
    """Starts one and waits until it serves. ``started`` is told its process at once, so that it can be killed.

    Raises ``EngineError``, or the error of a config that is wrong.
    """
    folder = make_private_folder()
    said: deque[str] = deque(maxlen=5)
    try:
        child = _spawn(environment, said)
    except BaseException:
        remove_folder(folder)
        raise
    try:
        started(child)
        launch, key = _launch_of(config, folder)
        ready = _begin(child, launch, said)
        running = RunningEngine(child, folder, ready, key, environment)
    except BaseException:
        child.stop(0)
        remove_folder(folder)
        raise
    remove_abandoned_folders(folder)
    return running


def _spawn(environment: Mapping[str, str], said: deque[str]) -> Child:
    def on_line(line: str) -> None:
        said.append(line)
        _log_line(line)

    try:
        with no_fork():
            # The first imports the package of Node.js.
            command = [node_path(), bundle_path(), "engine"]
        return Child(
            command,
            environment=with_compile_cache(environment),
            on_line=on_line,
            lines_of="stderr",
            name="dheera_ai engine log",
        )
    except OSError as error:
        raise EngineError(f"the engine cannot start: {error}") from error


def _begin(child: Child, launch: Mapping[str, str], said: deque[str]) -> str:
    """Returns the engine's address."""
    # Where it has ended already, what it said says why.
    with contextlib.suppress(OSError):
        child.write_line(json.dumps(launch))
    # The program starts meanwhile, in another process.
    import_http_client()

    answer = _parse(child.read_line(_start_seconds))
    if answer.get("ready") is True and isinstance(answer.get("address"), str):
        return str(answer["address"])
    raise _refusal(answer.get("error")) or _no_start(child, said)


def _refusal(error: object) -> DheeraError | None:
    if not is_json(error):
        return None
    code, message = error.get("code"), error.get("message")
    return error_of(code, message) if isinstance(code, str) and isinstance(message, str) else None


def _no_start(child: Child, said: deque[str]) -> EngineError:
    code = child.wait(2)
    child.all_lines_read()
    how = f"said nothing for {_start_seconds:g} s" if code is None else f"ended with exit code {code}"
    why = f": {' '.join(said)[:500]}" if said else ""
    return EngineError(f"the engine {how} before it was ready{why}; the logger dheera_ai.engine has all that it said")


def _launch_of(config: str | None, folder: Path) -> tuple[dict[str, str], str | None]:
    launch: dict[str, str] = {}
    key: str | None = None
    if _over_loopback:
        key = secrets.token_hex(32)
        launch.update(host="127.0.0.1", key=key)
    else:
        launch["socket"] = str(socket_path(folder))
    if config is not None:
        launch["config"] = config
    return launch, key


def _connect(socket: str | None) -> Connections:
    import httpx

    # Never used: what goes over a socket of this machine is not encrypted.
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
    return Connections(
        lambda: httpx.HTTPTransport(uds=socket, verify=unused, limits=limits, trust_env=False),
        lambda: httpx.AsyncHTTPTransport(uds=socket, verify=unused, limits=limits, trust_env=False),
    )


def _log_line(line: str) -> None:
    said = _parse(line)
    level = _levels.get(str(said.get("level")), logging.INFO)
    message = said.get("message")
    fields = {name: value for name, value in said.items() if name not in ("level", "message")}
    text = message if isinstance(message, str) else line
    _log.log(level, "%s%s", text, f" {json.dumps(fields)}" if fields else "")


def _parse(line: str) -> Json:
    try:
        parsed: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return parsed if is_json(parsed) else {}


def _at_end_of_a_worker(stop: Callable[[], None]) -> Callable[[], object]:
    """A worker of multiprocessing skips what other processes do at their end, and would leave a folder behind.

    Returns what takes this back.
    """
    util = sys.modules.get("multiprocessing.util")
    if util is None:
        return lambda: None
    cancel: Callable[[], object] = util.Finalize(None, stop, exitpriority=0).cancel
    return cancel
