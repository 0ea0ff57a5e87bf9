from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

import dheera_ai
from dheera_ai import _errors
from dheera_ai._errors import DheeraError, error_of, from_answer

documented = Path(__file__).parents[2] / "docs" / "errors.md"

every_class = [value for value in vars(_errors).values() if isinstance(value, type) and issubclass(value, DheeraError)]


def body_of(code: str, message: str = "what happened", **more: object) -> bytes:
    error = {"message": message, "type": "any", "code": code, "param": None, **more}
    return json.dumps({"id": "call-7", "message": message, "error": error}).encode()


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("invalid_request", 400, dheera_ai.BadRequestError),
        ("unauthenticated", 401, dheera_ai.AuthenticationError),
        ("forbidden", 403, dheera_ai.PermissionDeniedError),
        ("model_not_found", 404, dheera_ai.NotFoundError),
        ("request_too_large", 413, dheera_ai.RequestTooLargeError),
        ("rate_limited", 429, dheera_ai.RateLimitError),
        ("budget_exceeded", 429, dheera_ai.BudgetExceededError),
        ("provider_auth", 502, dheera_ai.AuthenticationError),
        ("provider_rate_limited", 429, dheera_ai.RateLimitError),
        ("provider_overloaded", 503, dheera_ai.ServiceUnavailableError),
        ("provider_starting", 503, dheera_ai.ServiceUnavailableError),
        ("provider_rejected", 422, dheera_ai.UnprocessableEntityError),
        ("provider_unreachable", 502, dheera_ai.APIConnectionError),
        ("provider_failed", 502, dheera_ai.APIError),
        ("provider_bad_response", 502, dheera_ai.APIError),
        ("timeout", 504, dheera_ai.Timeout),
        ("cancelled", 499, dheera_ai.APIError),
        ("unavailable", 503, dheera_ai.ServiceUnavailableError),
        ("internal", 500, dheera_ai.InternalServerError),
        ("not_found", 404, dheera_ai.NotFoundError),
        ("method_not_allowed", 405, dheera_ai.BadRequestError),
        ("bad_request", 431, dheera_ai.BadRequestError),
        ("conflict", 409, dheera_ai.BadRequestError),
        ("engine_failed", 500, dheera_ai.EngineError),
    ],
)
def test_each_code_has_its_class(code: str, status: int, kind: type[DheeraError]) -> None:
    error = from_answer(status, body_of(code), {})
    assert type(error) is kind
    assert (error.code, error.status_code, str(error), error.call_id) == (code, status, "what happened", "call-7")


@pytest.mark.skipif(not documented.exists(), reason="the documentation is not beside the package")
def test_every_documented_code_has_a_class_and_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", documented.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 19
    for code, status in rows:
        assert error_of(code, "message").status_code == int(status)
        # A code that is missing here would have the class of its status.
        assert code in _errors._classes


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, dheera_ai.BadRequestError),
        (401, dheera_ai.AuthenticationError),
        (403, dheera_ai.PermissionDeniedError),
        (404, dheera_ai.NotFoundError),
        (408, dheera_ai.Timeout),
        (413, dheera_ai.RequestTooLargeError),
        (418, dheera_ai.BadRequestError),
        (422, dheera_ai.UnprocessableEntityError),
        (429, dheera_ai.RateLimitError),
        (499, dheera_ai.APIError),
        (500, dheera_ai.InternalServerError),
        (502, dheera_ai.APIError),
        (503, dheera_ai.ServiceUnavailableError),
        (504, dheera_ai.Timeout),
    ],
)
def test_a_code_that_only_a_newer_server_has_gets_the_class_of_its_status(status: int, kind: type[DheeraError]) -> None:
    error = from_answer(status, body_of("of_tomorrow"), {})
    assert (type(error), error.code, error.status_code) == (kind, "of_tomorrow", status)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>secret</html>",
        b'{"error": "secret"}',
        b'{"error": {"code": 500, "message": "secret"}}',
        b"[" * 9_999,
        b"\xff",
    ],
)
def test_nothing_is_repeated_of_a_body_that_is_no_error_of_ours(body: bytes) -> None:
    error = from_answer(503, body, {"retry-after": "3"})
    assert type(error) is dheera_ai.ServiceUnavailableError
    assert error.message == "the server answered with the status 503 and no reason that this package can read"
    assert error.retry_after == 3


def test_an_answer_says_which_field_which_server_and_when_to_come_back() -> None:
    body = body_of("provider_rate_limited", param="documents[3]", provider="huggingface", deployment="gpu-1")
    error = from_answer(429, body, {"retry-after": "7"})
    assert isinstance(error, dheera_ai.RateLimitError)
    assert (error.param, error.provider, error.llm_provider) == ("documents[3]", "huggingface", "huggingface")
    assert (error.deployment, error.retry_after) == ("gpu-1", 7.0)


@pytest.mark.parametrize("value", ["soon", "-1", "", "Wed, 21 Oct 2015 07:28:00 GMT", "nan"])
def test_a_retry_after_that_is_no_number_says_nothing(value: str) -> None:
    assert from_answer(429, body_of("rate_limited"), {"retry-after": value}).retry_after is None


@pytest.mark.parametrize(
    "message",
    [
        "query and document together are longer than the model takes, and truncate: false forbids to cut them",
        "This model's maximum context length is 512 tokens",
        "`inputs` must have less than 512 tokens. Given: 600",
    ],
)
def test_a_document_that_is_too_long_is_told_apart(message: str) -> None:
    error = from_answer(422, body_of("provider_rejected", message, param="documents[0]"), {})
    assert type(error) is dheera_ai.ContextWindowExceededError
    assert issubclass(dheera_ai.ContextWindowExceededError, dheera_ai.BadRequestError)
    assert issubclass(dheera_ai.ContextWindowExceededError, dheera_ai.UnprocessableEntityError)
    assert (error.code, error.status_code, error.param) == ("provider_rejected", 422, "documents[0]")


def test_a_long_message_is_cut() -> None:
    assert len(error_of("invalid_request", "x" * 5_000).message) == 1_000


def test_python_s_own_classes_catch_what_they_mean() -> None:
    assert issubclass(dheera_ai.Timeout, TimeoutError)
    assert issubclass(dheera_ai.APIConnectionError, ConnectionError)
    assert not issubclass(dheera_ai.Timeout, ConnectionError)


def test_every_class_is_public() -> None:
    assert len(every_class) == 16
    for kind in every_class:
        assert getattr(dheera_ai, kind.__name__) is kind


def copy_by_pickle(error: DheeraError) -> DheeraError:
    copied: DheeraError = pickle.loads(pickle.dumps(error))
    return copied


@pytest.mark.parametrize("kind", every_class)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, copy_by_pickle])
def test_a_copy_knows_as_much(kind: type[DheeraError], copied: Callable[[DheeraError], DheeraError]) -> None:
    error = kind("what happened", param="query", retry_after=2.5, provider="bm25", deployment="d", call_id="c")
    other = copied(error)
    assert type(other) is kind
    assert vars(other) == vars(error)
    assert (other.args, str(other)) == (("what happened",), "what happened")


def _fail(_: int) -> None:
    raise dheera_ai.Timeout("too slow", retry_after=2)


def test_an_error_reaches_the_parent_process_whole() -> None:
    with get_context("spawn").Pool(1) as pool, pytest.raises(dheera_ai.Timeout, match="too slow") as caught:
        pool.map(_fail, [1])
    assert caught.value.retry_after == 2


def test_repr_shows_what_is_known() -> None:
    error = dheera_ai.BadRequestError("query: must not be empty", param="query")
    assert repr(error) == (
        "BadRequestError('query: must not be empty', code='invalid_request', status_code=400, param='query')"
    )
