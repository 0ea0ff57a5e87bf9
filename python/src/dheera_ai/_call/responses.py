"""What a request returns: the server's JSON with attributes, and whatever a newer server has put into it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, cast

from dheera_ai._call.narrow import Json, Value, is_json, is_list
from dheera_ai._errors import APIError, from_answer
from dheera_ai._transport import Answer

if TYPE_CHECKING:
    from typing_extensions import Self, TypeVar

    DocumentT_co = TypeVar("DocumentT_co", default=Json | None, covariant=True)
else:
    from typing import TypeVar

    DocumentT_co = TypeVar("DocumentT_co", covariant=True)

ScoreKind: TypeAlias = Literal["probability", "logit", "cosine", "rank", "unknown", "calibrated", "fused"]
"""The scale that scores are on: 0..1, any number, -1..1, or any number of unknown meaning."""


class JsonObject:
    """An object of an answer: attributes for its fields, and what a dict has to read them.

    ``answer["field"]``, ``"field" in answer``, ``.get()`` and ``.keys()`` read; ``.model_dump()`` or ``.dict()`` make
    plain dicts, ``.model_dump_json()`` or ``.json()`` make JSON, as pydantic's models do. Two are equal where their
    JSON is.
    """

    __slots__ = ("_data",)

    _data: Json

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = dict(data)

    @classmethod
    def model_validate(cls, data: Mapping[str, Any]) -> Self:
        """The object whose ``.model_dump()`` this is.

        :param data: An answer as plain dicts and lists.
        """
        return cls(data)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """The object whose ``.model_dump_json()`` this is.

        :param text: An answer as JSON.
        :raises ValueError: If it is no JSON.
        """
        return cls(json.loads(text))

    def model_dump(self) -> Json:
        """Plain dicts and lists, which belong to the caller."""
        return {name: _copy(value) for name, value in self._plain().items()}

    def dict(self) -> Json:
        """As ``model_dump``."""
        return self.model_dump()

    def model_dump_json(self, *, indent: int | None = None) -> str:
        """The answer as JSON.

        :param indent: Spaces before each deeper level, for people; on one line by default.
        """
        separators = (",", ":") if indent is None else None
        text = json.dumps(self._plain(), ensure_ascii=False, indent=indent, separators=separators)
        try:
            text.encode()
        except UnicodeEncodeError:
            # Half a surrogate pair in a returned document: no terminal and no file takes it.
            return json.dumps(self._plain(), indent=indent, separators=separators)
        return text

    def json(self) -> str:
        """As ``model_dump_json``."""
        return self.model_dump_json()

    def get(self, name: str, default: Value = None) -> Value:
        """The field, or ``default`` where the answer has none.

        :param name: The field, by its name in JSON.
        :param default: What there is in place of an absent field.
        """
        if name not in self:
            return default
        return self[name]

    def keys(self) -> list[str]:
        """The names of the fields that the answer has."""
        return list(self._plain())

    def values(self) -> list[Value]:
        """The fields, as attributes give them."""
        return [self[name] for name in self.keys()]

    def items(self) -> list[tuple[str, Value]]:
        """Names and fields, as attributes give them."""
        return [(name, self[name]) for name in self.keys()]

    def __getitem__(self, name: str) -> Value:
        value = self._data[name]
        # What is an object or a list of objects has the same attributes on both ways.
        return getattr(self, name) if isinstance(value, (dict, list)) else value

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[Any]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return True

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Value:
            # Fields of a newer server, which this version has no attribute for.
            if name.startswith("_") or name not in self._data:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}")
            return self._data[name]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, JsonObject):
            return type(self) is type(other) and self._plain() == other._plain()
        return self._plain() == other if isinstance(other, Mapping) else NotImplemented

    def __str__(self) -> str:
        return self.model_dump_json(indent=2)

    def __repr__(self) -> str:
        return json.dumps(self._plain())

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], JsonObject], tuple[Json]]:
        return (type(self), (self._plain(),))

    def _plain(self) -> Json:
        """The JSON, in the order in which people read it."""
        return self._data

    def _object(self, name: str) -> Json | None:
        value = self._data.get(name)
        return value if is_json(value) else None


class ApiVersion(JsonObject):
    """The version of the API that the answer follows."""

    __slots__ = ()

    @property
    def version(self) -> str:
        """Cohere's, whose form answers have: ``2``."""
        return str(self._data.get("version", "2"))

    @property
    def is_experimental(self) -> bool:
        """Whether this version may still change."""
        return bool(self._data.get("is_experimental", False))


class BilledUnits(JsonObject):
    """What the upstream billed, as far as that is known."""

    __slots__ = ()

    @property
    def search_units(self) -> float | None:
        """Searches; ``None`` where the upstream does not bill by them."""
        return self._data.get("search_units")

    @property
    def input_tokens(self) -> int | None:
        """Tokens that were read; ``None`` where the upstream does not bill by them."""
        return self._data.get("input_tokens")

    @property
    def output_tokens(self) -> int | None:
        """Tokens that were written; ``None`` where the upstream does not bill by them."""
        return self._data.get("output_tokens")


class Tokens(JsonObject):
    """The upstream's own count."""

    __slots__ = ()

    @property
    def input_tokens(self) -> int:
        """Tokens of the query and the documents, as often as they were read."""
        return int(self._data.get("input_tokens", 0))

    @property
    def output_tokens(self) -> int:
        """Tokens that the model wrote; 0 for all but language models."""
        return int(self._data.get("output_tokens", 0))


class Usage(JsonObject):
    """What the upstream used: tokens where it counts them, and costs in US dollars where they are known."""

    __slots__ = ()

    @property
    def prompt_tokens(self) -> int | None:
        """Tokens that were read; ``None`` where the upstream does not say so."""
        return self._data.get("prompt_tokens")

    @property
    def completion_tokens(self) -> int | None:
        """Tokens that were written; ``None`` where the upstream does not say so."""
        return self._data.get("completion_tokens")

    @property
    def total_tokens(self) -> int | None:
        """All of them; ``None`` where the upstream does not count."""
        return self._data.get("total_tokens")

    @property
    def cost(self) -> float | None:
        """Of all calls, as the upstream named it or by price; ``None`` as soon as that of one is not known."""
        return self._data.get("cost")

    @property
    def saved_cost(self) -> float | None:
        """What documents would have cost whose scores were known or repeated; estimated where tokens are billed."""
        return self._data.get("saved_cost")


class ExplainedCall(JsonObject):
    """One call to an upstream: a batch of documents, or of their chunks."""

    __slots__ = ()

    @property
    def deployment(self) -> str:
        """Its id."""
        return str(self._data.get("deployment", ""))

    @property
    def model(self) -> str:
        """The model name it serves."""
        return str(self._data.get("model", ""))

    @property
    def documents(self) -> list[int]:
        """Positions in the request's ``documents``."""
        return list(self._data.get("documents", ()))

    @property
    def attempt(self) -> int:
        """0 for the first try of a batch."""
        return int(self._data.get("attempt", 0))

    @property
    def hedge(self) -> bool:
        """Whether the call was a copy of a slow one."""
        return bool(self._data.get("hedge", False))

    @property
    def queue_ms(self) -> float:
        """Milliseconds that the batch waited for a place."""
        return float(self._data.get("queue_ms", 0))

    @property
    def duration_ms(self) -> float:
        """Milliseconds that the call took."""
        return float(self._data.get("duration_ms", 0))

    @property
    def error(self) -> str | None:
        """The code that says why it brought no scores; ``cancelled`` for the slower of a call and its copy."""
        return self._data.get("error")


class RerankExplanation(JsonObject):
    """How a ranking came about."""

    __slots__ = ()

    @property
    def queue_ms(self) -> float:
        """Milliseconds during which no call ran but a batch waited for a place or a retry."""
        return float(self._data.get("queue_ms", 0))

    @property
    def upstream_ms(self) -> float:
        """Milliseconds during which at least one call ran."""
        return float(self._data.get("upstream_ms", 0))

    @property
    def calls(self) -> list[ExplainedCall]:
        """Every call of the request, failed ones included, in the order in which they began."""
        return [ExplainedCall(call) for call in self._data.get("calls", ())]

    @property
    def sources(self) -> list[Literal["computed", "cached", "repeated", "refused"]]:
        """For each document where its score came from; empty where nothing was ranked."""
        return list(self._data.get("sources", ()))


class RerankStage(JsonObject):
    """What one model did for a model that asks others."""

    __slots__ = ()

    @property
    def model(self) -> str:
        """The model name that was asked."""
        return str(self._data.get("model", ""))

    @property
    def documents(self) -> int:
        """Documents that it was given; 0 where it was not asked."""
        return int(self._data.get("documents", 0))

    @property
    def milliseconds(self) -> float:
        """From the question to its ranking."""
        return float(self._data.get("milliseconds", 0))

    @property
    def score_kind(self) -> ScoreKind | None:
        """The scale of its scores; ``None`` where it gave none."""
        return self._data.get("score_kind")

    @property
    def cost(self) -> float | None:
        """US dollars, where all of it is known."""
        return self._data.get("cost")

    @property
    def skipped(self) -> Literal["margin", "score"] | None:
        """Why it was not asked: the stage before it was sure by its margin or by its best score."""
        return self._data.get("skipped")

    @property
    def failed(self) -> str | None:
        """The code of the error for which it is left out of the ranking."""
        return self._data.get("failed")

    @property
    def stages(self) -> list[RerankStage]:
        """Where it asks others itself; empty otherwise."""
        return [RerankStage(stage) for stage in self._data.get("stages", ())]


class RerankMeta(JsonObject):
    """What is to be known about a ranking beside its results."""

    __slots__ = ()

    @property
    def api_version(self) -> ApiVersion:
        """The version of the API that the answer follows."""
        return ApiVersion(self._object("api_version") or {})

    @property
    def billed_units(self) -> BilledUnits:
        """What the upstream billed; its fields are ``None`` where that is not known."""
        return BilledUnits(self._object("billed_units") or {})

    @property
    def tokens(self) -> Tokens | None:
        """``None`` where the upstream does not count tokens."""
        tokens = self._object("tokens")
        return None if tokens is None else Tokens(tokens)

    @property
    def score_kind(self) -> ScoreKind:
        """The scale that scores are on, which a threshold has to know."""
        kind: ScoreKind = self._data.get("score_kind", "unknown")
        return kind

    @property
    def stages(self) -> list[RerankStage]:
        """Of a model that asks others: what each of them did, in the order in which they were asked."""
        return [RerankStage(stage) for stage in self._data.get("stages", ())]

    @property
    def diversified(self) -> bool:
        """The order is by more than scores: documents that say the same were put further back."""
        return bool(self._data.get("diversified", False))

    @property
    def cached_documents(self) -> int:
        """Documents whose score was known before."""
        return int(self._data.get("cached_documents", 0))

    @property
    def reranked(self) -> bool:
        """``False``: no deployment could rank, and the configuration lets the order of the input through."""
        return bool(self._data.get("reranked", True))

    @property
    def warnings(self) -> list[str]:
        """What the request asked for without effect, and what happened to documents; empty where there is nothing."""
        return list(self._data.get("warnings", ()))

    @property
    def explain(self) -> RerankExplanation | None:
        """Present only with ``explain=True``."""
        explanation = self._object("explain")
        return None if explanation is None else RerankExplanation(explanation)


class RerankResult(JsonObject, Generic[DocumentT_co]):
    """One document of the ranking."""

    __slots__ = ()

    @property
    def index(self) -> int:
        """Position in the request's ``documents``."""
        return int(self._data["index"])

    @property
    def relevance_score(self) -> float:
        """The higher, the more relevant; ``meta.score_kind`` says on which scale."""
        return float(self._data["relevance_score"])

    @property
    def stage(self) -> str | None:
        """Of a cascade: the model name of the stage that ranked this document, the last one that it reached."""
        return self._data.get("stage")

    @property
    def stage_score(self) -> float | None:
        """Of a cascade: what that stage said, on its own scale."""
        return self._data.get("stage_score")

    @property
    def document(self) -> DocumentT_co:
        """With ``return_documents=True``: ``{"text": …}`` for a text, the record as it was sent otherwise."""
        return cast(DocumentT_co, self._data.get("document"))

    @property
    def relevant_spans(self) -> list[dict[str, Any]] | None:
        """With ``relevant_spans=…``, where the model says so: ``start``, ``end`` (code points) and ``score``."""
        return self._data.get("relevant_spans")


class RerankResponse(JsonObject, Generic[DocumentT_co]):
    """A ranking. ``len`` of it and a loop over it are those of its results, best first; ``print`` shows its JSON.

    Its type parameter is that of the results' ``document``.
    """

    __slots__ = ("_results",)

    _results: list[RerankResult[DocumentT_co]]

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self._results = [RerankResult(result) for result in self._data.get("results", ())]

    @property
    def id(self) -> str:
        """A UUID; a proxy's log has the request under it."""
        return str(self._data.get("id", ""))

    @property
    def model(self) -> str | None:
        """The model name that served."""
        return self._data.get("model")

    @property
    def results(self) -> list[RerankResult[DocumentT_co]]:
        """Best first; equal scores in the order of the documents."""
        return self._results

    @property
    def meta(self) -> RerankMeta:
        """What is to be known about the ranking: the scale of its scores, what was billed, warnings."""
        return RerankMeta(self._object("meta") or {})

    @property
    def usage(self) -> Usage | None:
        """``None`` where the upstream counts nothing."""
        usage = self._object("usage")
        return None if usage is None else Usage(usage)

    def __iter__(self) -> Iterator[RerankResult[DocumentT_co]]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        # Notebooks show it in place of `print`.
        return str(self)

    def _plain(self) -> Json:
        results = [result._plain() for result in self._results]
        first: Json = {name: self._data[name] for name in ("id", "meta") if name in self._data}
        return {
            "results": results,
            **first,
            **{name: self._data[name] for name in self._data if name not in ("results", *first)},
        }


def read_response(body: bytes, documents: int) -> RerankResponse[Any]:
    """The ranking in an answer with a status below 400.

    Raises ``APIError`` where it is none of so many documents.
    """
    data = _parse(body)
    results = data.get("results") if is_json(data) else None
    if not is_json(data) or not is_list(results):
        raise _unusable("holds no results")
    for result in results:
        if not is_json(result) or not _is_ranked(result, documents):
            raise _unusable("has a result without a score, or without the position of a document")
    return RerankResponse(data)


def read_models(answer: Answer) -> list[str]:
    """The model names in the answer of an engine (``models``) or of a proxy (``data``, as OpenAI's).

    Raises ``DheeraError``.
    """
    if answer.status >= 300:
        raise from_answer(answer.status, answer.body, answer.headers)
    data = _parse(answer.body)
    names = (data.get("models") or data.get("data", [])) if is_json(data) else None
    if not is_list(names):
        raise _unusable("holds no list of models")
    return [str(entry["id"] if is_json(entry) else entry) for entry in names if not is_json(entry) or "id" in entry]


def _parse(body: bytes) -> object:
    try:
        data: object = json.loads(body)
    except (ValueError, RecursionError):
        raise _unusable("is no JSON") from None
    return data


def _is_ranked(result: Json, documents: int) -> bool:
    index, score = result.get("index"), result.get("relevance_score")
    # A boolean is an integer to isinstance.
    return type(index) is int and 0 <= index < documents and type(score) in (int, float)


def _unusable(problem: str) -> APIError:
    return APIError(f"the server's answer {problem}", code="provider_bad_response")


def _copy(value: Value) -> Value:
    if is_json(value):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if is_list(value) else value
