"""Which of the two paths a request takes: straight to a Dheera AI proxy, or through the engine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from dheera_ai._call.request import Request
from dheera_ai._transport import Answer

_prefix = "dheera_ai/"


@dataclass(frozen=True)
class Direct:
    """A server that is taken for a Dheera AI proxy, which does all that the engine would do."""

    base: str
    """The address before ``/rerank``."""
    key: str | None
    model: str
    """The name that the proxy knows."""


def direct_path(request: Request, environment: Mapping[str, str]) -> Direct | None:
    """Where a request goes without the engine: a model name without a provider and an ``api_base``, or ``dheera_ai/…``.

    ``None`` where it goes through the engine, also where the address is none: the engine says what is wrong with it.
    """
    model = request.model
    if not isinstance(model, str):
        return None
    base, key = request.api_base, request.api_key
    if model.startswith(_prefix):
        model = model[len(_prefix) :]
        known = _base_of(environment.get("DHEERA_AI_API_BASE"))
        base = known if base is None else _base_of(base)
        # The key of the environment goes to the address of the environment and to no other.
        if key is None and base == known:
            key = environment.get("DHEERA_AI_API_KEY", "").strip() or None
    elif "/" in model:
        return None
    else:
        base = _base_of(base)
    if (
        not model
        or base is None
        or _others.has(base)
        or (key is not None and not (key.isascii() and key.isprintable()))
    ):
        return None
    return Direct(base, key, model)


def is_of_dheera_ai(answer: Answer) -> bool:
    """Whether a Dheera AI proxy answered. A proxy before it, or another server, has none of these headers."""
    return any(name.startswith("x-dheera-") for name in answer.headers)


def remember_other(direct: Direct, answer: Answer) -> None:
    """Sends the next requests for this address through the engine at once, because another server is there.

    A server that refuses the caller or is not well may be before a Dheera AI proxy, and is not remembered.
    """
    if answer.status < 500 and answer.status not in _says_nothing:
        _others.add(direct.base)


_says_nothing = frozenset((401, 403, 407, 408, 413, 429))


def _base_of(address: str | None) -> str | None:
    """An address without slashes and ``/rerank`` at its end; ``None`` where it is none, or has more than a path."""
    if address is None:
        return None
    try:
        scheme, place, path, query, _fragment = urlsplit(address.strip())
        usable = scheme in ("http", "https") and place != "" and "@" not in place and query == ""
        if not usable or urlsplit(f"//{place}").port == 0:
            return None
    except ValueError:
        return None
    path = path.rstrip("/")
    return urlunsplit((scheme, place.lower(), path.removesuffix("/rerank").rstrip("/"), "", ""))


class _Others:
    """Addresses of other servers, for ten minutes each: what stands there may be exchanged."""

    _most = 256
    _seconds = 600.0

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def has(self, base: str) -> bool:
        until = self._until.get(base)
        return until is not None and time.monotonic() < until

    def add(self, base: str) -> None:
        # The oldest go; `list` takes all of them in one step, whatever other threads do.
        for oldest in list(self._until)[: len(self._until) - self._most + 1]:
            self._until.pop(oldest, None)
        self._until[base] = time.monotonic() + self._seconds

    def clear(self) -> None:
        self._until.clear()


_others = _Others()
