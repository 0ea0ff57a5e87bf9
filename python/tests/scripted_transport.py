"""A transport that answers as it was told, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dheera_ai._transport import Answer

OURS = {"x-dheera-call-id": "call-1", "content-type": "application/json"}


@dataclass(frozen=True)
class Posted:
    path: str
    raw: bytes
    headers: Mapping[str, str]
    timeout: float | None

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.raw)
        return body


def ranking(request: Mapping[str, Any]) -> dict[str, Any]:
    """Every document of a request, in its order."""
    documents = request["documents"]
    results: list[dict[str, Any]] = []
    for index, document in enumerate(documents):
        results.append({"index": index, "relevance_score": 1 / (index + 1)})
        if request.get("return_documents"):
            results[index]["document"] = {"text": document} if isinstance(document, str) else document
    return {
        "id": "call-1",
        "model": request.get("model"),
        "results": results[: request.get("top_n")],
        "meta": {"api_version": {"version": "2", "is_experimental": False}, "billed_units": {}},
    }


def answer(body: object, status: int = 200, headers: Mapping[str, str] = OURS) -> Answer:
    return Answer(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def refusal(status: int, code: str, message: str = "no", param: str | None = None, **headers: str) -> Answer:
    error = {"message": message, "type": "any", "code": code, "param": param}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"id": "call-1", "message": message, "error": error}, status, {**OURS, **named})


@dataclass
class ScriptedTransport:
    """Ranks in the order of the input, or answers what ``reply`` says."""

    reply: Callable[[Posted], Answer] = lambda posted: answer(ranking(posted.body))
    posted: list[Posted] = field(default_factory=list)

    def post(
        self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Answer:
        self.posted.append(Posted(path, body, headers or {}, timeout))
        return self.reply(self.posted[-1])

    async def apost(
        self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Answer:
        return self.post(path, body, headers=headers, timeout=timeout)
