"""What type checkers make of calls. It is read by mypy (strict) and pyright (strict), and never run.

A line that has to be refused says ``type: ignore``: both checkers report such a comment where they find nothing wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import assert_type

import dheera_ai
from dheera_ai import AsyncClient, Client, RerankResponse, RerankResult


@dataclass
class Product:
    title: str


def texts() -> Iterator[str]:
    yield "a"


def returned_documents(flag: bool) -> None:
    with_documents = dheera_ai.rerank("m", "q", ["a"], return_documents=True)
    assert_type(with_documents, RerankResponse[dict[str, Any]])
    assert_type(with_documents.results[0].document, dict[str, Any])
    without = dheera_ai.rerank("m", "q", ["a"])
    assert_type(without, RerankResponse[None])
    assert_type(without.results[0].document, None)
    assert_type(dheera_ai.rerank("m", "q", ["a"], return_documents=False), RerankResponse[None])
    unknown = dheera_ai.rerank("m", "q", ["a"], return_documents=flag)
    assert_type(unknown.results[0].document, dict[str, Any] | None)
    # A plain annotation takes all of them.
    answers: list[RerankResponse] = [with_documents, without, unknown]
    results: list[RerankResult] = [*with_documents, *without, *unknown]
    assert_type(answers[0].results[0].document, dict[str, Any] | None)
    assert_type(results[0].relevance_score, float)


async def coroutines() -> None:
    assert_type(await dheera_ai.arerank("m", "q", ["a"], return_documents=True), RerankResponse[dict[str, Any]])
    assert_type(await dheera_ai.arerank("m", "q", ["a"], 3), RerankResponse[None])
    async with AsyncClient(api_base="http://h", api_key="k", timeout=3) as client:
        assert_type(client, AsyncClient)
        assert_type(await client.rerank("m", "q", ["a"], return_documents=True), RerankResponse[dict[str, Any]])
        assert_type(await client.rerank("m", "q", ["a"]), RerankResponse[None])
        assert_type(await client.models(), list[str])
    await dheera_ai.aclose()


def clients() -> None:
    with Client({"model_list": []}) as client:
        assert_type(client, Client)
        assert_type(client.rerank("m", "q", ["a"], return_documents=True), RerankResponse[dict[str, Any]])
        assert_type(client.rerank("m", "q", ["a"]), RerankResponse[None])
        assert_type(client.models(), list[str])
    Client("config.yaml").close()
    Client(Path("config.yaml")).close()


def documents_of_all_kinds() -> None:
    dheera_ai.rerank("m", "q", texts())
    dheera_ai.rerank("m", "q", ("a", {"text": "b"}, Product("c")))
    dheera_ai.rerank("m", "q", np.array(["a"]))


def fields() -> None:
    dheera_ai.rerank(
        model="m",
        query="q",
        documents=["a"],
        top_n=1,
        api_base="http://h",
        api_key=None,
        rank_fields=("title", "text"),
        max_tokens_per_doc=1,
        truncate="END",
        cache={"no-cache": True, "s-maxage": 1.5},
        fallbacks=["a", {"m": ["b"]}, {"model": "c"}],
        provider_options={"cohere": {"priority": 1}},
        priority="background",
        extra_headers={"x-team": "search"},
        metadata={"any": 1},
        timeout=1,
    )
    # Options that are kept.
    options: dheera_ai.RerankOptions = {"top_k": 1, "normalize": "sigmoid"}
    print(dheera_ai.rerank("m", "q", ["a"], **options).id)


def fields_that_are_wrong() -> None:
    dheera_ai.rerank("m", "q", ["a"], topN=1)  # type: ignore
    dheera_ai.rerank("m", "q", ["a"], top_n="three")  # type: ignore
    dheera_ai.rerank("m", "q", ["a"], truncate="MIDDLE")  # type: ignore
    dheera_ai.rerank("m", "q", ["a"], priority="low")  # type: ignore
    dheera_ai.rerank("m", "q", 7)  # type: ignore
    print(dheera_ai.rerank("m", "q", ["a"]).nothing)  # type: ignore
    print(dheera_ai.nothing)  # type: ignore
    Client(7)  # type: ignore


def answers(response: RerankResponse) -> None:
    assert_type(response.id, str)
    assert_type(response.model, str | None)
    assert_type([result.index for result in response], list[int])
    assert_type(response.meta.warnings, list[str])
    assert_type(response.meta.billed_units.search_units, float | None)
    assert_type(response.meta.score_kind, dheera_ai.ScoreKind)
    assert_type(response.model_dump(), dict[str, Any])
    assert_type(response.json(), str)
    if response.usage is not None:
        assert_type(response.usage.total_tokens, int | None)
        assert_type(response.usage.cost, float | None)
        assert_type(response.usage.saved_cost, float | None)
    assert_type(response.results[0].relevant_spans, list[dict[str, Any]] | None)
    dheera_ai.rerank("m", "q", ["a"], relevant_spans={"mode": "enabled", "threshold": 0.2})


def errors(error: dheera_ai.DheeraError) -> None:
    assert_type(error.status_code, int)
    assert_type(error.param, str | None)
    assert_type(error.retry_after, float | None)
    if isinstance(error, dheera_ai.Timeout):
        timeout: TimeoutError = error
        assert timeout
