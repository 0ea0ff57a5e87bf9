from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from dheera_ai import APIError, RerankResponse, RerankResult
from dheera_ai._call.responses import RerankMeta, read_response

full: dict[str, Any] = {
    "id": "07734bd2-2473-4f07-94e1-0d9f0e6843cf",
    "model": "bge",
    "results": [
        {"index": 2, "relevance_score": 1, "document": {"text": "the moon é"}},
        {
            "index": 0,
            "relevance_score": 0.25,
            "document": {"title": "sun", "year": 1969},
            "relevant_spans": [{"start": 0, "end": 3, "score": 0.9}],
        },
    ],
    "meta": {
        "api_version": {"version": "2", "is_experimental": False},
        "billed_units": {"search_units": 1},
        "tokens": {"input_tokens": 7, "output_tokens": 1},
        "score_kind": "probability",
        "cached_documents": 1,
        "warnings": ["unknown field topN had no effect; did you mean top_n?"],
        "explain": {
            "queue_ms": 1.5,
            "upstream_ms": 20,
            "calls": [
                {
                    "deployment": "gpu-1",
                    "model": "bge",
                    "documents": [0, 2],
                    "attempt": 1,
                    "hedge": True,
                    "queue_ms": 1,
                    "duration_ms": 19.5,
                    "error": "cancelled",
                }
            ],
            "sources": ["computed", "repeated", "cached"],
        },
    },
    "usage": {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7, "cost": 0.002, "saved_cost": 0.001},
}

page = """{
  "results": [
    {
      "index": 3,
      "relevance_score": 0.999071
    },
    {
      "index": 4,
      "relevance_score": 0.7867867
    },
    {
      "index": 0,
      "relevance_score": 0.32713068
    }
  ],
  "id": "07734bd2-2473-4f07-94e1-0d9f0e6843cf",
  "meta": {
    "api_version": {
      "version": "2",
      "is_experimental": false
    },
    "billed_units": {
      "search_units": 1
    }
  }
}"""


@pytest.fixture
def response() -> RerankResponse:
    return RerankResponse(copy.deepcopy(full))


def test_attributes(response: RerankResponse) -> None:
    assert (response.id, response.model) == (full["id"], "bge")
    first, second = response.results
    assert (first.index, first.relevance_score, first.document) == (2, 1.0, {"text": "the moon é"})
    assert isinstance(first.relevance_score, float)
    assert second.document == {"title": "sun", "year": 1969}
    assert first.relevant_spans is None
    assert second.relevant_spans == [{"start": 0, "end": 3, "score": 0.9}]
    meta = response.meta
    assert (meta.api_version.version, meta.api_version.is_experimental) == ("2", False)
    assert (meta.billed_units.search_units, meta.billed_units.input_tokens, meta.billed_units.output_tokens) == (
        1,
        None,
        None,
    )
    assert meta.tokens is not None
    assert (meta.tokens.input_tokens, meta.tokens.output_tokens) == (7, 1)
    assert (meta.score_kind, meta.cached_documents, meta.reranked) == ("probability", 1, True)
    assert meta.warnings == full["meta"]["warnings"]
    usage = response.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (7, 0, 7)
    assert (usage.cost, usage.saved_cost) == (0.002, 0.001)


def test_an_explanation(response: RerankResponse) -> None:
    explain = response.meta.explain
    assert explain is not None
    assert (explain.queue_ms, explain.upstream_ms) == (1.5, 20.0)
    assert explain.sources == ["computed", "repeated", "cached"]
    (call,) = explain.calls
    assert (call.deployment, call.model, call.documents, call.attempt) == ("gpu-1", "bge", [0, 2], 1)
    assert (call.hedge, call.queue_ms, call.duration_ms, call.error) == (True, 1.0, 19.5, "cancelled")


def test_the_stages_of_a_combined_model() -> None:
    response: RerankResponse = RerankResponse(
        {
            "results": [
                {"index": 1, "relevance_score": 0.9, "stage": "good", "stage_score": 0.9},
                {"index": 0, "relevance_score": 0, "stage": "words", "stage_score": 3.5},
            ],
            "meta": {
                "score_kind": "probability",
                "stages": [
                    {"model": "words", "documents": 2, "milliseconds": 1.5, "score_kind": "unknown"},
                    {
                        "model": "good",
                        "documents": 1,
                        "milliseconds": 20,
                        "cost": 0.002,
                        "stages": [{"model": "a", "documents": 1, "milliseconds": 19, "failed": "timeout"}],
                    },
                    {"model": "best", "documents": 0, "milliseconds": 0, "skipped": "margin"},
                ],
            },
        }
    )
    assert [(result.stage, result.stage_score) for result in response.results] == [("good", 0.9), ("words", 3.5)]
    words, good, best = response.meta.stages
    assert (words.model, words.documents, words.milliseconds, words.score_kind) == ("words", 2, 1.5, "unknown")
    assert (words.cost, words.skipped, words.failed, words.stages) == (None, None, None, [])
    assert (good.cost, [stage.failed for stage in good.stages]) == (0.002, ["timeout"])
    assert (best.documents, best.skipped) == (0, "margin")


def test_what_is_absent() -> None:
    response: RerankResponse = RerankResponse(
        {"id": "x", "results": [{"index": 0, "relevance_score": 0.5}], "meta": {}}
    )
    assert (response.model, response.usage, response.results[0].document) == (None, None, None)
    meta = response.meta
    assert (meta.tokens, meta.explain, meta.warnings, meta.cached_documents, meta.reranked) == (None, None, [], 0, True)
    assert meta.diversified is False
    assert RerankMeta({"diversified": True}).diversified is True
    assert (meta.score_kind, meta.api_version.version, dict(meta.billed_units)) == ("unknown", "2", {})
    assert (meta.stages, response.results[0].stage, response.results[0].stage_score) == ([], None, None)


def test_it_is_read_as_a_dict_too(response: RerankResponse) -> None:
    assert response["results"][0]["index"] == 2
    assert response["results"][0]["document"]["text"] == "the moon é"
    assert response["meta"]["billed_units"]["search_units"] == 1
    assert response["meta"]["explain"]["calls"][0]["deployment"] == "gpu-1"
    assert ("usage" in response, "nothing" in response) == (True, False)
    assert (response.get("model"), response.get("nothing"), response.get("nothing", 7)) == ("bge", None, 7)
    assert response.results[0].get("document") == {"text": "the moon é"}
    assert response.keys() == ["results", "id", "meta", "model", "usage"]
    assert {**response.results[1]} == full["results"][1]
    assert dict(response.meta.items()).keys() == full["meta"].keys()
    with pytest.raises(KeyError):
        response["nothing"]


def test_plain_dicts_belong_to_the_caller(response: RerankResponse) -> None:
    dumped = response.model_dump()
    assert dumped == full
    assert response.dict() == full
    assert type(dumped["results"][0]) is dict
    dumped["results"][0]["document"]["text"] = "changed"
    assert response.model_dump() == full


def test_json_goes_both_ways(response: RerankResponse) -> None:
    assert json.loads(response.json()) == full
    assert json.loads(response.model_dump_json(indent=4)) == full
    assert RerankResponse.model_validate_json(response.json()) == response
    assert RerankResponse.model_validate(response.model_dump()) == response
    assert RerankResult.model_validate(response.results[0].dict()) == response.results[0]


def test_len_and_loops_are_those_of_the_results(response: RerankResponse) -> None:
    assert len(response) == 2
    assert [result.index for result in response] == [2, 0]
    assert bool(RerankResponse({"results": []}))


def test_print_shows_what_the_page_shows() -> None:
    response: RerankResponse = RerankResponse(json.loads(page))
    assert str(response) == page
    assert repr(response) == page


def test_print_shows_letters_and_survives_half_a_surrogate_pair(response: RerankResponse) -> None:
    assert "the moon é" in str(response)
    broken: RerankResponse = RerankResponse(
        {"results": [{"index": 0, "relevance_score": 1, "document": {"text": "\ud800"}}]}
    )
    assert str(broken).encode()
    assert json.loads(broken.json()) == broken.model_dump()


def test_parts_show_as_one_line(response: RerankResponse) -> None:
    assert repr(response.meta.billed_units) == '{"search_units": 1}'
    line = r'[{"index": 2, "relevance_score": 1, "document": {"text": "the moon \u00e9"}}]'
    assert repr(response.results[:1]) == line


def test_equal_where_the_json_is(response: RerankResponse) -> None:
    assert response == RerankResponse(copy.deepcopy(full))
    assert response == full
    assert response.results[0] == full["results"][0]
    assert response != RerankResponse({**full, "id": "another"})
    assert response.meta != response.usage
    assert response != "text"


def copy_by_pickle(response: RerankResponse) -> RerankResponse:
    copied: RerankResponse = pickle.loads(pickle.dumps(response))
    return copied


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, copy_by_pickle])
def test_copies(response: RerankResponse, copied: Callable[[RerankResponse], RerankResponse]) -> None:
    other = copied(response)
    assert type(other) is RerankResponse
    assert other == response
    assert other.results[0].document == {"text": "the moon é"}


def test_fields_of_a_newer_server_are_kept() -> None:
    data = {
        **full,
        "of_tomorrow": {"a": [1]},
        "results": [{"index": 0, "relevance_score": 1, "rank": 7}],
        "meta": {"score_kind": "percent", "new": True},
    }
    response: RerankResponse = RerankResponse(data)
    for other in (response, copy_by_pickle(response), RerankResponse.model_validate_json(response.json())):
        assert other.model_dump() == data
        assert other["of_tomorrow"] == {"a": [1]}
        assert vars_of(other) == ({"a": [1]}, 7, True)
    assert response.meta["score_kind"] == "percent"
    with pytest.raises(AttributeError, match="RerankResponse has no field 'nothing'"):
        getattr(response, "nothing")  # noqa: B009 - type checkers know that it has none


def vars_of(response: RerankResponse) -> tuple[object, object, object]:
    # Type checkers know that these versions have no such attributes.
    parts = ((response, "of_tomorrow"), (response.results[0], "rank"), (response.meta, "new"))
    new, rank, is_new = (getattr(part, name) for part, name in parts)
    return new, rank, is_new


def test_an_object_that_is_not_made_yet_has_no_fields() -> None:
    unmade = RerankResponse.__new__(RerankResponse)
    with pytest.raises(AttributeError, match="_data"):
        print(unmade._data)


def test_results_may_be_sorted_and_the_json_follows(response: RerankResponse) -> None:
    response.results.sort(key=lambda result: result.index)
    assert [result["index"] for result in response.model_dump()["results"]] == [0, 2]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>secret", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[" * 9_999, "is no JSON"),
        (b"[]", "holds no results"),
        (b'{"results": {}}', "holds no results"),
        (b'{"results": ["secret"]}', "has a result without"),
        (b'{"results": [{"index": 0}]}', "has a result without"),
        (b'{"results": [{"index": "0", "relevance_score": 1}]}', "has a result without"),
        (b'{"results": [{"index": true, "relevance_score": 1}]}', "has a result without"),
        (b'{"results": [{"index": 2, "relevance_score": 1}]}', "has a result without"),
        (b'{"results": [{"index": -1, "relevance_score": 1}]}', "has a result without"),
        (b'{"results": [{"index": 0, "relevance_score": null}]}', "has a result without"),
    ],
)
def test_what_is_no_ranking_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(APIError, match=f"the server's answer {problem}") as caught:
        read_response(body, 2)
    assert caught.value.code == "provider_bad_response"
    assert "secret" not in str(caught.value)
