"""The errors of this package: one class for each kind of failure, under LiteLLM's name where it has one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from dheera_ai._call.narrow import Json, is_json

__all__ = [
    "APIConnectionError",
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExceededError",
    "ContextWindowExceededError",
    "DheeraError",
    "EngineError",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestTooLargeError",
    "ServiceUnavailableError",
    "Timeout",
    "UnprocessableEntityError",
    "error_of",
    "from_answer",
]


class DheeraError(Exception):
    """Every failure of this package.

    Its message says what failed, where, and what to try, and holds no key and no text of a query or document.
    """

    default_code: ClassVar[str] = "internal"
    """The ``code`` where nothing says a closer one."""

    message: str
    """The message alone; ``str`` of the error is the same."""
    code: str
    """What happened, as ``docs/errors.md`` lists it: ``provider_rate_limited``."""
    status_code: int
    """The HTTP status that belongs to the code; a proxy answers with it."""
    param: str | None
    """The field at fault: ``documents[3]``."""
    retry_after: float | None
    """Seconds after which the same request may succeed, where that is known."""
    provider: str | None
    """The provider that failed: ``huggingface``."""
    deployment: str | None
    """The id of the deployment that failed."""
    call_id: str | None
    """The id under which the proxy's log has the request."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status_code: int | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        provider: str | None = None,
        deployment: str | None = None,
        call_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = self.default_code if code is None else code
        self.status_code = _statuses.get(self.code, 500) if status_code is None else status_code
        self.param = param
        self.retry_after = retry_after
        self.provider = provider
        self.deployment = deployment
        self.call_id = call_id

    @property
    def llm_provider(self) -> str | None:
        """LiteLLM's name for ``provider``."""
        return self.provider

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        known = ((name, value) for name, value in self._details().items() if value is not None)
        return (
            f"{type(self).__name__}({', '.join([repr(self.message), *(f'{name}={value!r}' for name, value in known)])})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is otherwise made anew from its message alone, and other processes would see it without the rest.
        return (_rebuild, (type(self), self.message, self._details()))

    def _details(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "status_code": self.status_code,
            "param": self.param,
            "retry_after": self.retry_after,
            "provider": self.provider,
            "deployment": self.deployment,
            "call_id": self.call_id,
        }


def _rebuild(kind: type[DheeraError], message: str, details: Mapping[str, Any]) -> DheeraError:
    return kind(message, **details)


class APIError(DheeraError):
    """A request failed; this class itself where an upstream failed or its answer cannot be used."""

    default_code = "provider_failed"


class BadRequestError(APIError):
    """The request itself is wrong; ``param`` names the field."""

    default_code = "invalid_request"


class UnprocessableEntityError(APIError):
    """The upstream refused the request; ``param`` names the document where one is the reason."""

    default_code = "provider_rejected"


class ContextWindowExceededError(BadRequestError, UnprocessableEntityError):
    """Query and document together are longer than the model takes, and are not cut."""

    default_code = "provider_rejected"


class RequestTooLargeError(BadRequestError):
    """The request has more bytes or values than the server takes."""

    default_code = "request_too_large"


class AuthenticationError(APIError):
    """The proxy, or the upstream (``provider_auth``), does not accept the key."""

    default_code = "unauthenticated"


class PermissionDeniedError(APIError):
    """The key may not use this model, or not from this address."""

    default_code = "forbidden"


class NotFoundError(APIError):
    """No model has this name."""

    default_code = "model_not_found"


class RateLimitError(APIError):
    """A limit is used up, of the key or of the upstream; ``retry_after`` says when it is not."""

    default_code = "rate_limited"


class BudgetExceededError(APIError):
    """A budget is used up."""

    default_code = "budget_exceeded"


class ServiceUnavailableError(APIError):
    """Every deployment is at its limit, its model still loads, or the proxy cannot reach its database.

    ``retry_after`` says when to come back.
    """

    default_code = "provider_overloaded"


class APIConnectionError(APIError, ConnectionError):
    """No server answers at the address."""

    default_code = "provider_unreachable"


class Timeout(APIError, TimeoutError):  # noqa: N818 - LiteLLM's name
    """The request did not finish within ``timeout`` seconds."""

    default_code = "timeout"


class InternalServerError(APIError):
    """An error in Dheera AI itself."""

    default_code = "internal"


class EngineError(DheeraError):
    """The engine, the process of this package that ranks, did not start or was ended from outside."""

    default_code = "engine_failed"


_statuses: Mapping[str, int] = {
    "invalid_request": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limited": 429,
    "budget_exceeded": 429,
    "provider_auth": 502,
    "provider_rate_limited": 429,
    "provider_overloaded": 503,
    "provider_starting": 503,
    "provider_rejected": 422,
    "provider_unreachable": 502,
    "provider_failed": 502,
    "provider_bad_response": 502,
    "timeout": 504,
    "cancelled": 499,
    "unavailable": 503,
    "internal": 500,
    "engine_failed": 500,
    # Of a proxy, before a request has reached a route.
    "not_found": 404,
    "method_not_allowed": 405,
    "bad_request": 400,
    # Of a batch that has ended and should be cancelled.
    "conflict": 409,
}

_classes: Mapping[str, type[DheeraError]] = {
    "invalid_request": BadRequestError,
    "unauthenticated": AuthenticationError,
    "forbidden": PermissionDeniedError,
    "model_not_found": NotFoundError,
    "request_too_large": RequestTooLargeError,
    "rate_limited": RateLimitError,
    "budget_exceeded": BudgetExceededError,
    "provider_auth": AuthenticationError,
    "provider_rate_limited": RateLimitError,
    "provider_overloaded": ServiceUnavailableError,
    "provider_starting": ServiceUnavailableError,
    "provider_rejected": UnprocessableEntityError,
    "provider_unreachable": APIConnectionError,
    "provider_failed": APIError,
    "provider_bad_response": APIError,
    "timeout": Timeout,
    "cancelled": APIError,
    "unavailable": ServiceUnavailableError,
    "internal": InternalServerError,
    "engine_failed": EngineError,
    "not_found": NotFoundError,
    "method_not_allowed": BadRequestError,
    "bad_request": BadRequestError,
    "conflict": BadRequestError,
}

# For codes that a newer server has and this package does not know.
_classes_by_status: Mapping[int, tuple[type[APIError], str]] = {
    400: (BadRequestError, "invalid_request"),
    401: (AuthenticationError, "unauthenticated"),
    403: (PermissionDeniedError, "forbidden"),
    404: (NotFoundError, "not_found"),
    408: (Timeout, "timeout"),
    413: (RequestTooLargeError, "request_too_large"),
    422: (UnprocessableEntityError, "provider_rejected"),
    429: (RateLimitError, "rate_limited"),
    500: (InternalServerError, "internal"),
    503: (ServiceUnavailableError, "provider_overloaded"),
    504: (Timeout, "timeout"),
}

_too_long = re.compile(
    r"longer than the model takes|maximum context length|exceeds? the (?:available |model's )?context"
    r"|must have less than \d+ tokens|too many tokens",
    re.IGNORECASE,
)

_most_characters = 1_000


def error_of(
    code: str,
    message: str,
    *,
    status_code: int | None = None,
    param: str | None = None,
    retry_after: float | None = None,
    provider: str | None = None,
    deployment: str | None = None,
    call_id: str | None = None,
) -> DheeraError:
    """The error of the class that belongs to this code, or else to this status."""
    kind = _classes.get(code) or (APIError if status_code is None else _class_of_status(status_code)[0])
    if kind is UnprocessableEntityError and _too_long.search(message):
        kind = ContextWindowExceededError
    return kind(
        _shorten(message),
        code=code,
        status_code=status_code,
        param=param,
        retry_after=retry_after,
        provider=provider,
        deployment=deployment,
        call_id=call_id,
    )


def from_answer(status: int, body: bytes, headers: Mapping[str, str]) -> DheeraError:
    """The error that an answer with a status of 400 or more reports.

    ``headers``: names in lower case. Nothing is repeated of a body that is no error of Dheera AI, because it may hold
    anything.
    """
    document = _object(_parse(body))
    error = _object(document.get("error"))
    call_id = _text(document.get("id")) or headers.get("x-dheera-call-id")
    code, message = _text(error.get("code")), _text(error.get("message"))
    retry_after = _seconds(headers.get("retry-after"))
    if code is None or message is None:
        kind, code = _class_of_status(status)
        return kind(
            f"the server answered with the status {status} and no reason that this package can read",
            code=code,
            status_code=status,
            retry_after=retry_after,
            call_id=call_id,
        )
    return error_of(
        code,
        message,
        status_code=status,
        param=_text(error.get("param")),
        retry_after=retry_after,
        provider=_text(error.get("provider")),
        deployment=_text(error.get("deployment")) or headers.get("x-dheera-model-id"),
        call_id=call_id,
    )


def _class_of_status(status: int) -> tuple[type[APIError], str]:
    known = _classes_by_status.get(status)
    if known is not None:
        return known
    return (BadRequestError, "invalid_request") if 400 <= status < 499 else (APIError, "provider_failed")


def _parse(body: bytes) -> object:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed


def _object(value: object) -> Json:
    return value if is_json(value) else {}


def _text(value: object) -> str | None:
    return _shorten(value) if isinstance(value, str) and value else None


def _shorten(text: str) -> str:
    return text if len(text) <= _most_characters else f"{text[: _most_characters - 1]}…"


def _seconds(value: str | None) -> float | None:
    """``Retry-After`` as a number; a date, which this package's servers never send, says nothing."""
    if value is None or not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip()):
        return None
    return float(value)
