"""A call's arguments as a request: what goes into the body, and what says where it goes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from dheera_ai._call.documents import read_documents
from dheera_ai._call.encode import encode
from dheera_ai._call.narrow import is_iterable, is_mapping
from dheera_ai._errors import BadRequestError

if TYPE_CHECKING:
    from typing_extensions import Unpack

CacheControls = TypedDict(
    "CacheControls",
    {
        "no-cache": "bool | None",
        "no-store": "bool | None",
        "ttl": "float | None",
        "s-maxage": "float | None",
        "namespace": "str | None",
    },
    total=False,
)
"""How a request uses the score cache.

:param no-cache: Compute the scores again.
:param no-store: Do not store the scores.
:param ttl: Seconds for which they are kept.
:param s-maxage: Accept scores that are at most this many seconds old.
:param namespace: Share scores only within it.
"""

Documents: TypeAlias = Iterable[Any]
"""Texts, dicts and other mappings, dataclasses, pydantic models, documents of LangChain, LlamaIndex or Haystack."""


class RerankOptions(TypedDict, total=False):
    """The optional fields of a request; ``None`` means absent. ``docs/library.md`` describes each."""

    api_base: str | None
    """The server to call."""
    api_key: str | None
    """The key for it."""
    top_k: int | None
    """Another name of ``top_n``."""
    rank_fields: Sequence[str] | None
    """Of records: the fields that are scored, in this order; 100 at most."""
    max_tokens_per_doc: int | None
    """Tokens of one document that count."""
    max_chunks_per_doc: int | None
    """With ``long_documents="chunk_max"``: chunks scored for one document at most; default 10."""
    long_documents: Literal["truncate", "chunk_max"] | None
    """Long documents are cut (default), or scored in overlapping chunks, of which the best counts."""
    truncate: bool | Literal["NONE", "START", "END"] | None
    """``False``: a document that is too long is refused; ``"START"``, ``"END"``: the end that is cut off."""
    truncation_direction: Literal["left", "right"] | None
    """The end that is cut off; default right."""
    raw_scores: bool | None
    """Logits instead of normalised scores where the model can."""
    normalize: Literal["none", "sigmoid"] | None
    """``"sigmoid"`` maps logits to 0..1."""
    min_score: float | None
    """Leave out results below this score."""
    diversify: Mapping[str, Any] | None
    """Put documents that say the same further back: ``{"method": "mmr", "lambda": 0.7}``; 1 is none."""
    instruction: str | None
    """What "relevant" means, for models that follow instructions."""
    relevant_spans: Mapping[str, Any] | None
    """Which parts of each document are relevant, where the model can say so: ``{"mode": "enabled"}``."""
    on_document_error: Literal["fail", "warn"] | None
    """``"warn"``: a document that the model refuses is ranked last."""
    provider_options: Mapping[str, Mapping[str, Any]] | None
    """Options that only one provider knows, by its name."""
    cache: CacheControls | None
    """How the request uses the score cache."""
    explain: bool | None
    """Say in ``meta.explain`` where each score came from."""
    priority: int | Literal["background"] | None
    """0 (default) is the highest; ``"background"`` gets what no other request wants."""
    fallbacks: Sequence[str | Mapping[str, str | Sequence[str]]] | None
    """Model names that serve when every deployment of ``model`` failed; 10 at most."""
    disable_fallbacks: bool | None
    """Whether no other model may serve when every deployment of ``model`` failed."""
    timeout: float | None
    """Seconds for the whole request, waits and retries included; default 600."""

    custom_llm_provider: str | None
    """LiteLLM's: the provider of ``model``, where its name has none."""
    headers: Mapping[str, str] | None
    """As ``extra_headers``."""
    extra_headers: Mapping[str, str] | None
    """Headers for a Dheera AI proxy at ``api_base``. Other upstreams get those of the configuration."""
    metadata: Mapping[str, Any] | None
    """LiteLLM's, for its logs; passed over."""
    user: str | None
    """OpenAI's; passed over."""


@dataclass(frozen=True)
class Request:
    """One call, its documents read: what is sent, in which body, and where to."""

    model: object
    fields: Mapping[str, object]
    """All of the body that is the same on every path."""
    documents: int
    api_base: str | None
    api_key: str | None
    headers: Mapping[str, str]
    """Those of the caller, for a Dheera AI proxy; names in lower case."""
    timeout: float | None
    """Seconds."""

    def body(self, **destination: object) -> bytes:
        """The request as JSON, with what this path says of the destination."""
        absent = {name: value for name, value in destination.items() if value is not None}
        return encode({**absent, **self.fields})


def read_request(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: bool | None = None,
    **options: Unpack[RerankOptions],
) -> Request:
    """Reads the arguments of a call.

    What an argument must be is for the engine to say, which knows every field; here is checked only what has a meaning
    on this side. Names that are no field are sent on, because the answer's ``meta.warnings`` names them with the field
    that was probably meant.

    Raises ``BadRequestError``.
    """
    given: dict[str, object] = {name: value for name, value in options.items() if value is not None}
    api_base = _text(given, "api_base")
    api_key = _secret(given)
    headers = {**_headers(given, "headers"), **_headers(given, "extra_headers")}
    full_model = _with_provider(model, _text(given, "custom_llm_provider"))
    rank_fields = _listed(given.pop("rank_fields", None))
    read = read_documents(documents, rank_fields)
    own = {
        "query": query,
        "documents": read,
        "top_n": top_n,
        "return_documents": return_documents,
        "rank_fields": rank_fields,
    }
    fields = {**{name: value for name, value in own.items() if value is not None}, **given}
    return Request(
        model=full_model,
        fields=fields,
        documents=len(read),
        api_base=api_base,
        api_key=api_key,
        headers=headers,
        timeout=_seconds(given.get("timeout")),
    )


def _with_provider(model: object, provider: str | None) -> object:
    if provider is None or not isinstance(model, str) or model.startswith(f"{provider}/"):
        return model
    return f"{provider}/{model}"


def _listed(names: object) -> object:
    """A tuple or a generator of names as the list that JSON knows; one text stays, for the engine to refuse."""
    if isinstance(names, (str, bytes)) or is_mapping(names) or not is_iterable(names):
        return names
    return list(names)


def _text(given: dict[str, object], name: str) -> str | None:
    value = given.pop(name, None)
    if value is None or isinstance(value, str):
        return value
    raise BadRequestError(f"{name}: must be a text, not {type(value).__name__}", param=name)


def _secret(given: dict[str, object]) -> str | None:
    key = given.pop("api_key", None)
    # pydantic's SecretStr, in which settings hold keys.
    reveal = getattr(key, "get_secret_value", None)
    if callable(reveal):
        key = reveal()
    given["api_key"] = key
    key = _text(given, "api_key")
    key = None if key is None else key.strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise BadRequestError(
            "api_key: the key holds characters that no HTTP header may hold; copy it again", param="api_key"
        )
    return key or None


# The connection's own, which this package sets.
_reserved_headers = frozenset(
    (
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)


def _headers(given: dict[str, object], name: str) -> dict[str, str]:
    headers = given.pop(name, None)
    if headers is None:
        return {}
    if not is_mapping(headers):
        raise BadRequestError(f"{name}: must be a dict of texts", param=name)
    read: dict[str, str] = {}
    for header, value in headers.items():
        if not isinstance(header, str) or not isinstance(value, str):
            raise BadRequestError(f"{name}: names and values must be texts", param=name)
        if not _is_token(header) or not value.isprintable() or not value.isascii():
            raise BadRequestError(f"{name}: holds characters that no HTTP header may hold", param=name)
        if header.lower() in _reserved_headers:
            raise BadRequestError(f"{name}: {header.lower()} belongs to the connection and cannot be set", param=name)
        read[header.lower()] = value.strip()
    return read


def _is_token(name: str) -> bool:
    return name != "" and name.isascii() and all(letter.isalnum() or letter in "!#$%&'*+-.^_`|~" for letter in name)


def _seconds(timeout: object) -> float | None:
    """How long to wait for the answer, where the field says so; a wrong one is for the engine to refuse."""
    if isinstance(timeout, str):
        try:
            timeout = float(timeout)
        except ValueError:
            return None
    if isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and math.isfinite(timeout) and timeout > 0:
        return float(timeout)
    return None
