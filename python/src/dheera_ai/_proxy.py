"""A Dheera AI proxy as part of a Python program: for tests, and for programs that start their own."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import threading
import time
import weakref
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

from dheera_ai._configuration import Configuration, ConfigurationFile
from dheera_ai._errors import BadRequestError, EngineError
from dheera_ai._node import bundle_path, node_path, with_compile_cache
from dheera_ai._processes.child import Child

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Proxy", "proxy"]

_log = logging.getLogger("dheera_ai.proxy")


def proxy(config: Configuration, port: int = 0) -> Proxy:
    """A proxy on 127.0.0.1, for the length of a ``with`` or ``async with`` block.

    It sees ``os.environ`` as it is at its start, writes its log to the logger ``"dheera_ai.proxy"``, and ends with the
    block and with this process, however that ends.

    >>> with proxy({"model_list": [{"model_name": "m", "dheera_ai_params": {"model": "bm25/default"}}]}) as running:
    ...     running.url.startswith("http://127.0.0.1:")
    True

    :param config: The path of a ``config.yaml``, or a dict of what one holds, in which plug-ins are named by absolute
        paths.
    :param port: 0 to 65535; 0 takes a free one.
    :returns: The proxy, which the block starts.
    :raises BadRequestError: For what is no configuration and no port; in the block, with all that is wrong in it.
    :raises EngineError: In the block, if the proxy does not start.
    """
    return Proxy(config, port)


class Proxy:
    """Made by ``proxy``. ``start`` and ``stop`` do what a ``with`` block does."""

    def __init__(self, config: Configuration, port: int = 0) -> None:
        """As ``proxy``.

        :raises BadRequestError: For what is no configuration and no port.
        """
        if not 0 <= port <= 65_535:
            raise BadRequestError(f"port: must be 0 to 65535, not {port}", param="port")
        self._config = ConfigurationFile(config)
        self._port = port
        self._child: Child | None = None
        self._end: weakref.finalize[..., Proxy] | None = None
        self._url: str | None = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``.

        :raises EngineError: If the proxy does not run.
        """
        if self._url is None:
            raise EngineError("the proxy does not run: use it in a with block, or call start()")
        return self._url

    def start(self) -> Self:
        """Start, and wait until it answers.

        :raises BadRequestError: With all that is wrong with the configuration.
        :raises EngineError: If it runs already, or ends at its start.
        """
        if self._child is not None:
            raise EngineError("the proxy runs already")
        output = _Output()
        self._child = child = _spawn(self._config.path(), self._port, output)
        self._end = weakref.finalize(self, child.stop, _patience)
        try:
            self._url = output.wait_for_url(child)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End it; requests under way may finish for some seconds. Does nothing where it does not run."""
        child, self._child, self._url = self._child, None, None
        try:
            if child is not None and self._end is not None:
                self._end()
        finally:
            self._config.remove()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


# Seconds. A start takes about one on a machine that is not busy.
_start_seconds = 60.0
_patience = 5.0

# The command itself reads no standard input. Its end, and another parent, say that this process is gone.
_end_with_parent = """
import { isMainThread } from "node:worker_threads";
if (isMainThread) {
  const end = () => process.kill(process.pid, "SIGTERM");
  const { ppid } = process;
  process.stdin.on("end", end).on("error", end).resume().unref();
  setInterval(() => process.ppid === ppid || end(), 1_000).unref();
}
"""


def _spawn(config: str, port: int, output: _Output) -> Child:
    try:
        command = [
            node_path(),
            f"--import=data:text/javascript,{quote(_end_with_parent)}",
            bundle_path(),
            "--config",
            config,
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        return Child(
            command,
            environment=with_compile_cache(os.environ),
            on_line=output.take,
            lines_of="both",
            name="dheera_ai proxy log",
        )
    except OSError as error:
        raise EngineError(f"the proxy cannot start: {error}") from error


class _Output:
    """What the proxy writes, and the address in it."""

    def __init__(self) -> None:
        self._said: deque[str] = deque(maxlen=200)
        self._url: str | None = None
        self._has_url = threading.Event()

    def take(self, line: str) -> None:
        _log.info("%s", line)
        running = re.fullmatch(r"RUNNING on (http\S+)", line)
        if running:
            self._url = running[1]
            self._said.clear()
            self._has_url.set()
        elif self._url is None:
            self._said.append(line)

    def wait_for_url(self, child: Child) -> str:
        deadline = time.monotonic() + _start_seconds
        while not self._has_url.wait(0.02):
            code = child.exit_code()
            if code is not None:
                child.all_lines_read()
                raise self._explain(code)
            if time.monotonic() > deadline:
                raise EngineError(f"the proxy did not answer within {_start_seconds:g} s{self._reasons()}")
        assert self._url is not None
        return self._url

    def _explain(self, code: int) -> Exception:
        if code == 2:
            return BadRequestError("\n".join(self._said), param="config")
        return EngineError(f"the proxy ended with exit code {code} at its start{self._reasons()}")

    def _reasons(self) -> str:
        return "".join(f"\n{line}" for line in self._said)
