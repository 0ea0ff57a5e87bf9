"""The steps of a call, without waiting: callers with a thread and callers with an event loop post for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from dheera_ai._call.request import Request
from dheera_ai._call.responses import RerankResponse, read_response
from dheera_ai._call.routing import Direct, direct_path, is_of_dheera_ai, remember_other
from dheera_ai._errors import BadRequestError, DheeraError, from_answer
from dheera_ai._transport import Answer, DuplexTransport

_path = "/rerank"

# The engine keeps the time by itself and says more of a timeout than this side knows.
_engine_grace = 5.0
_remote_grace = 0.5
_default_timeout = 600.0


@dataclass(frozen=True)
class Post:
    """What to post next."""

    transport: DuplexTransport
    body: bytes
    headers: Mapping[str, str]
    timeout: float | None

    def now(self) -> Answer:
        return self.transport.post(_path, self.body, headers=self.headers, timeout=self.timeout)

    async def soon(self) -> Answer:
        return await self.transport.apost(_path, self.body, headers=self.headers, timeout=self.timeout)


@dataclass(frozen=True)
class Transports:
    """Who carries the requests of a client."""

    engine: Callable[[], DuplexTransport]
    remote: Callable[[str, str | None], DuplexTransport] | None
    """By address and key; ``None`` where every request goes through the engine."""


Steps: TypeAlias = Generator[Post | RerankResponse[Any], Answer, None]


def exchange(request: Request, transports: Transports) -> Steps:
    """Yields what to post, takes the answer to it, and yields the ranking at the end.

    Raises ``DheeraError``.
    """
    direct = None if transports.remote is None else direct_path(request, os.environ)
    if direct is not None and transports.remote is not None:
        answer = yield _post_to(transports.remote(direct.base, direct.key), request, direct)
        if not is_of_dheera_ai(answer):
            remember_other(direct, answer)
        elif answer.status < 300:
            yield read_response(answer.body, request.documents)
            return
        else:
            error = from_answer(answer.status, answer.body, answer.headers)
            if not _engine_can_do_more(error, request, direct):
                raise error

    if request.headers:
        raise BadRequestError(
            "extra_headers: only a Dheera AI proxy at api_base takes headers with a request; give those for other "
            "servers in a configuration, as extra_headers of the deployment",
            param="extra_headers",
        )
    answer = yield _post_to_engine(transports.engine(), request)
    if answer.status >= 300:
        raise from_answer(answer.status, answer.body, answer.headers)
    yield read_response(answer.body, request.documents)


def _post_to(remote: DuplexTransport, request: Request, direct: Direct) -> Post:
    timeout = (request.timeout or _default_timeout) + _remote_grace
    return Post(remote, request.body(model=direct.model), request.headers, timeout)


def _post_to_engine(engine: DuplexTransport, request: Request) -> Post:
    body = request.body(model=request.model, api_base=request.api_base, api_key=request.api_key)
    # Without a timeout of its own the request has that of the engine's configuration.
    timeout = None if request.timeout is None else request.timeout + _engine_grace
    return Post(engine, body, {}, timeout)


def _engine_can_do_more(error: DheeraError, request: Request, direct: Direct) -> bool:
    """Whether a proxy's refusal is none yet: the engine splits what is too large, and knows keys of the environment."""
    if error.code == "request_too_large" or (error.code == "invalid_request" and error.param == "documents"):
        return request.documents > 1
    return error.code == "unauthenticated" and direct.key is None


def run(steps: Steps) -> RerankResponse[Any]:
    """The ranking, posted for by this thread."""
    try:
        step = next(steps)
        while isinstance(step, Post):
            step = steps.send(step.now())
        return step
    finally:
        steps.close()


async def arun(steps: Steps) -> RerankResponse[Any]:
    """The ranking, posted for by this task."""
    try:
        step = next(steps)
        while isinstance(step, Post):
            step = steps.send(await step.soon())
        return step
    finally:
        steps.close()
