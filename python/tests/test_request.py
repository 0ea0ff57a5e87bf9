from __future__ import annotations

import json
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from dheera_ai import BadRequestError, RerankOptions
from dheera_ai._call.request import Request, read_request

Options = dict[str, Any]


def read(**options: object) -> Request:
    given: Options = {"model": "m", "query": "q", "documents": ["a"], **options}
    return read_request(**given)


def body(**options: object) -> dict[str, Any]:
    request = read(**options)
    sent: dict[str, Any] = json.loads(request.body(model=request.model))
    return sent


every_field: Options = {
    "top_n": 3,
    "top_k": 3,
    "return_documents": True,
    "rank_fields": ["title", "text"],
    "max_tokens_per_doc": 512,
    "max_chunks_per_doc": 5,
    "long_documents": "chunk_max",
    "truncate": "END",
    "truncation_direction": "right",
    "raw_scores": True,
    "normalize": "sigmoid",
    "min_score": 0.5,
    "instruction": "find it",
    "diversify": {"method": "mmr", "lambda": 0.7},
    "relevant_spans": {"mode": "enabled", "threshold": 0.1, "max_spans": 3},
    "on_document_error": "warn",
    "provider_options": {"cohere": {"priority": 1}},
    "cache": {"no-cache": True, "ttl": 60},
    "explain": True,
    "priority": 2,
    "fallbacks": ["other", {"m": ["words"]}],
    "disable_fallbacks": False,
    "timeout": 10.5,
}


def test_every_field_reaches_the_body_as_it_was_given() -> None:
    assert body(**every_field) == {"model": "m", "query": "q", "documents": ["a"], **every_field}


def test_every_field_has_a_type() -> None:
    elsewhere = {"api_base", "api_key", "custom_llm_provider", "headers", "extra_headers", "metadata", "user"}
    named = {"top_n", "return_documents"}
    assert set(get_type_hints(RerankOptions)) == (set(every_field) - named) | elsewhere
    for hint in get_type_hints(RerankOptions).values():
        assert type(None) in get_args(hint)


@pytest.mark.parametrize("name", sorted({*every_field, *get_type_hints(RerankOptions)}))
def test_none_means_absent(name: str) -> None:
    assert body(**{name: None}) == {"model": "m", "query": "q", "documents": ["a"]}


def test_falsy_values_are_sent() -> None:
    values = {"return_documents": False, "min_score": 0, "instruction": "", "truncate": False, "cache": {}}
    assert body(**values) == {"model": "m", "query": "q", "documents": ["a"], **values}


def test_what_is_no_field_is_sent_on_for_the_answer_to_name_it() -> None:
    assert body(topN=3, metadata={"a": 1}, user="u")["topN"] == 3


def test_what_json_cannot_say_is_refused_by_its_name() -> None:
    with pytest.raises(BadRequestError, match="client: JSON cannot say a value of type object") as caught:
        body(client=object())
    assert caught.value.param == "client"
    with pytest.raises(BadRequestError, match="query: JSON cannot say a value of type bytes"):
        body(query=b"secret")


def test_addresses_keys_and_headers_are_in_no_body_but_where_the_path_says_so() -> None:
    request = read(api_base="http://h", api_key=" sk-1 ", headers={"X-A": "1"}, extra_headers={"x-b": "2 "})
    assert json.loads(request.body(model="n")) == {"model": "n", "query": "q", "documents": ["a"]}
    assert (request.api_base, request.api_key, request.headers) == ("http://h", "sk-1", {"x-a": "1", "x-b": "2"})
    named = json.loads(request.body(model="m", api_base=request.api_base, api_key=request.api_key))
    assert (named["api_base"], named["api_key"]) == ("http://h", "sk-1")


def test_a_secret_of_pydantic_is_a_key() -> None:
    assert read(api_key=SecretStr("sk-1")).api_key == "sk-1"


@pytest.mark.parametrize("key", ["", "  "])
def test_a_blank_key_is_none(key: str) -> None:
    assert read(api_key=key).api_key is None


@pytest.mark.parametrize("key", ["sk secret", "sk-secret\nx: y", "sk-sécret", "secret\x00"])
def test_a_key_that_no_header_may_hold_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(BadRequestError, match="api_key: the key holds characters") as caught:
        read(api_key=key)
    assert (caught.value.param, "cret" in str(caught.value)) == ("api_key", False)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ("x: y", "must be a dict"),
        ({"x": 1}, "must be texts"),
        ({"x": "secret\r\ny: z"}, "no HTTP header may hold"),
        ({"x": "sécret"}, "no HTTP header may hold"),
        ({"x y": "secret"}, "no HTTP header may hold"),
        ({"": "secret"}, "no HTTP header may hold"),
        ({"Content-Length": "1"}, "content-length belongs to the connection"),
        ({"HOST": "secret"}, "host belongs to the connection"),
    ],
)
@pytest.mark.parametrize("name", ["headers", "extra_headers"])
def test_headers_that_cannot_be_sent_are_refused(name: str, headers: object, problem: str) -> None:
    with pytest.raises(BadRequestError, match=f"{name}: .*{problem}") as caught:
        read(**{name: headers})
    assert (caught.value.param, "cret" in str(caught.value)) == (name, False)


@pytest.mark.parametrize(
    ("model", "provider", "full"),
    [
        ("BAAI/bge", "huggingface", "huggingface/BAAI/bge"),
        ("huggingface/BAAI/bge", "huggingface", "huggingface/BAAI/bge"),
        ("rerank-v3.5", "cohere", "cohere/rerank-v3.5"),
        ("rerank-v3.5", None, "rerank-v3.5"),
    ],
)
def test_litellm_s_provider_is_put_before_the_model(model: str, provider: str | None, full: str) -> None:
    assert body(model=model, custom_llm_provider=provider)["model"] == full


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        (10, 10.0),
        (0.5, 0.5),
        ("2.5", 2.5),
        (None, None),
        ("soon", None),
        (-1, None),
        (True, None),
        (float("nan"), None),
    ],
)
def test_how_long_to_wait(timeout: object, seconds: float | None) -> None:
    assert read(timeout=timeout).timeout == seconds


@pytest.mark.parametrize("rank_fields", [("a", "b"), iter(["a", "b"]), ["a", "b"]])
def test_rank_fields_of_any_list(rank_fields: object) -> None:
    assert body(rank_fields=rank_fields)["rank_fields"] == ["a", "b"]


def test_one_text_as_rank_fields_is_left_to_the_engine_to_refuse() -> None:
    assert body(rank_fields="title")["rank_fields"] == "title"


names = st.text("abcdefgh_", min_size=1).filter(lambda name: name not in {*get_type_hints(RerankOptions), "top_n"})


@settings(derandomize=True, database=None, deadline=None)
@given(st.dictionaries(names, st.none() | st.booleans() | st.integers() | st.text("aé\ud800"), max_size=5), st.text())
def test_whatever_is_json_arrives_and_none_is_absent(options: dict[str, Any], query: str) -> None:
    sent = body(query=query, **{name: value for name, value in options.items() if name not in ("model", "query")})
    assert sent["query"] == query
    for name, value in options.items():
        assert sent.get(name) == value
