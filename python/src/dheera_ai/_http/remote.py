"""A Dheera AI proxy at an address that the caller names."""

from __future__ import annotations

import atexit
import logging
import os
import re
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dheera_ai._errors import APIConnectionError, BadRequestError, Timeout
from dheera_ai._http.connections import ConnectionLostError, Connections, DeadlineExceededError, Exchange
from dheera_ai._http.trace_headers import trace_headers
from dheera_ai._processes.forks import forget_when_forked, import_http_client
from dheera_ai._transport import Answer

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("dheera_ai")
_provider = "dheera_ai"


class Remote:
    """Posts to a Dheera AI proxy. Its connections are shared with every other one of the same server."""

    def __init__(self, base: str, key: str | None = None) -> None:
        """``base``: the address before ``/rerank``, or with it. Raises ``BadRequestError``."""
        import_http_client()
        self.base = _parse_base(base)
        self._authorization = _authorization_of(key)

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
        """As ``post``, with another method."""
        connections, exchange = self._prepare(method, path, body, headers, timeout)
        began = time.monotonic()
        try:
            try:
                answer = connections.exchange(exchange)
            except ConnectionLostError as lost:
                if not _may_be_stale(lost):
                    raise
                answer = connections.exchange(exchange)
        except (ConnectionLostError, DeadlineExceededError) as error:
            raise self._explain(error) from error
        self._report(method, path, answer, began)
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
        connections, exchange = self._prepare(method, path, body, headers, timeout)
        began = time.monotonic()
        try:
            try:
                answer = await connections.aexchange(exchange)
            except ConnectionLostError as lost:
                if not _may_be_stale(lost):
                    raise
                answer = await connections.aexchange(exchange)
        except (ConnectionLostError, DeadlineExceededError) as error:
            raise self._explain(error) from error
        self._report(method, path, answer, began)
        return answer

    def url_of(self, path: str) -> str:
        """Where ``path`` is. A base that ends in ``/rerank`` is used as it is, any other gets ``/rerank``."""
        root = self.base.path.removesuffix("/rerank")
        return str(self.base.copy_with(path=f"{root}{path}" if root != "/" else path))

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.base.scheme}://{self.base.netloc.decode('ascii')}"

    def _prepare(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None, timeout: float | None
    ) -> tuple[Connections, Exchange]:
        sent = {"content-type": "application/json", **trace_headers(), **(headers or {})}
        if self._authorization is not None:
            sent["authorization"] = self._authorization
        deadline = None if timeout is None else time.monotonic() + timeout
        return _remotes.connections(self.origin), Exchange(method, self.url_of(path), sent, body, deadline)

    def _explain(self, error: ConnectionLostError | DeadlineExceededError) -> Exception:
        if isinstance(error, DeadlineExceededError):
            return Timeout(
                f"{self.origin} did not answer in time; give the call a longer timeout, or fewer documents",
                param="timeout",
            )
        what = "broke off its answer" if error.answer_began else "does not answer"
        return APIConnectionError(
            f"{self.origin} {what} ({error}); check api_base, and that the server runs and can be reached",
            param="api_base",
            provider=_provider,
        )

    def _report(self, method: str, path: str, answer: Answer, began: float) -> None:
        milliseconds = (time.monotonic() - began) * 1_000
        _log.debug("%s %s of %s: %d after %.1f ms", method, path, self.origin, answer.status, milliseconds)


def close_remotes() -> None:
    """Closes the connections to every remote server; later requests open new ones."""
    for connections in _remotes.take_all():
        connections.close()


async def aclose_remotes() -> None:
    """As ``close_remotes``, from an event loop."""
    for connections in _remotes.take_all():
        await connections.aclose()


class _Remotes:
    """The connections of this process, by server and by what the environment says of the way there."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, ...], Connections] = OrderedDict()
        self.forget()
        forget_when_forked(self)

    def connections(self, origin: str) -> Connections:
        key = (origin, *(os.environ.get(name, "") for name in _of_the_way))
        with self._lock:
            connections = self._open.get(key)
            if connections is None:
                connections = self._open[key] = _connect(origin)
            self._open.move_to_end(key)
            unused = self._open.popitem(last=False)[1] if len(self._open) > _most_servers else None
        if unused is not None:
            unused.close()
        return connections

    def take_all(self) -> list[Connections]:
        with self._lock:
            taken = list(self._open.values())
            self._open.clear()
        return taken

    def forget(self) -> None:
        # The connections themselves forget what belongs to the parent.
        self._lock = threading.Lock()


_most_servers = 32
# What httpx reads: proxies, and who signs certificates.
_of_the_way = (
    *(name for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (upper, upper.lower())),
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
_remotes = _Remotes()
# Otherwise Python warns of each that is open at its end.
atexit.register(close_remotes)


def _connect(origin: str) -> Connections:
    import httpx

    # Made once: reading the certificates takes longer than a request. No redirect is followed, so that a server without
    # TLS needs none.
    context = httpx.create_ssl_context() if origin.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
    headers = {"user-agent": "dheera-ai-python"}
    return Connections(
        lambda: httpx.Client(verify=context, limits=limits, headers=headers),
        lambda: httpx.AsyncClient(verify=context, limits=limits, headers=headers),
        connect_seconds=_connect_seconds,
    )


# An address at which nothing listens, and nothing refuses either, must not hold a call that has no timeout.
_connect_seconds = 30.0


def _may_be_stale(lost: ConnectionLostError) -> bool:
    """The server closed a connection that was idle, in the moment in which it was used again."""
    return lost.was_idle and not lost.answer_began


def _parse_base(base: str) -> httpx.URL:
    import httpx

    def refuse(problem: str) -> BadRequestError:
        return BadRequestError(f"api_base {problem}", param="api_base", provider=_provider)

    try:
        url = httpx.URL(base.strip())
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise refuse("must be a URL that begins with http:// or https://")
    if url.userinfo:
        raise refuse("holds a user name or password; give the key as api_key instead")
    # Slashes at the end mean nothing, and a fragment is never sent.
    return url.copy_with(path=url.path.rstrip("/") or "/", fragment=None)


def _authorization_of(key: str | None) -> str | None:
    key = None if key is None else key.strip()
    if not key:
        return None
    # Checked here because the complaint of who sends it would quote the key.
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise BadRequestError(
            "the key holds characters that no HTTP header may hold; copy it again", param="api_key", provider=_provider
        )
    return f"Bearer {key}"
