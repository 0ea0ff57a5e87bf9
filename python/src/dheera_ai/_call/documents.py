"""What callers hold as documents, as the texts and records that a request is made of.

Frameworks are known by the shape of their objects and never imported. Only what is scored leaves the process: of a
document of LangChain, LlamaIndex or Haystack its text, and of its metadata the fields that ``rank_fields`` names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import islice
from numbers import Real
from typing import TypeAlias

from dheera_ai._call.narrow import Json, Value, is_iterable, is_list, is_mapping, is_set
from dheera_ai._errors import BadRequestError

JsonDocument: TypeAlias = str | Json

# No engine takes as many; a generator that never ends must not fill the memory.
_most_documents = 1_000_000


def read_documents(documents: object, rank_fields: object = None) -> list[JsonDocument]:
    """The documents of a request, each a text or a record. A generator is consumed, once.

    Values inside records may still be what only ``encode`` makes JSON of.

    Raises ``BadRequestError``, whose ``param`` names the document.
    """
    items = _list_of(documents)
    if not items:
        raise BadRequestError("documents: must hold at least one document", param="documents")
    # Most requests hold plain texts only.
    if set(map(type, items)) <= _plain:
        return items
    fields = _names(rank_fields)
    return [item if type(item) in _plain else _read_document(item, index, fields) for index, item in enumerate(items)]


_plain: frozenset[type] = frozenset((str, dict))


def _list_of(documents: object) -> list[Value]:
    if is_list(documents):
        return documents
    if documents is None:
        raise _wrong("is required: a list of texts or of records")
    if isinstance(documents, (str, bytes, bytearray)):
        raise _wrong("must be a list of documents; put a single one into a list")
    if is_mapping(documents):
        raise _wrong("must be a list, and a mapping is none; give list(documents.values())")
    if is_set(documents):
        raise _wrong("must be a list; a set has no order that the results' index could refer to")
    if hasattr(documents, "columns") and hasattr(documents, "shape"):
        raise _wrong("must be a list, and a table is none; give one of its columns, or its rows as a list of dicts")
    column = _column(documents)
    if column is not None:
        return column
    if not is_iterable(documents):
        raise _wrong(f"must be a list of texts or of records, not {_kind(documents)}")
    items = list(islice(documents, _most_documents + 1))
    if len(items) > _most_documents:
        raise _wrong(f"more than {_most_documents:,} are too many for one request")
    return items


def _column(documents: object) -> list[Value] | None:
    """The values of an array or a column of NumPy, pandas, Polars or Arrow."""
    if isinstance(documents, Sequence):
        return None
    convert = _method(documents, "to_pylist") or _method(documents, "to_list") or _method(documents, "tolist")
    if convert is None:
        return None
    if getattr(documents, "ndim", 1) != 1:
        raise _wrong("must have one dimension")
    values = convert()
    return values if is_list(values) else None


def _read_document(item: object, index: int, rank_fields: frozenset[str]) -> JsonDocument:
    if isinstance(item, str):
        return str.__str__(item)
    if is_mapping(item):
        return dict(item)
    if isinstance(item, type):
        raise _wrong_document(index, "must be a text or a record, not a class")
    if is_missing(item):
        raise _wrong_document(index, "is missing (None or NaN); leave it out, or give an empty text")
    framework = _framework_document(item)
    if framework is not None:
        return _record_of(framework, index, rank_fields)
    record = record_of(item)
    if record is not None:
        return record
    if isinstance(item, (bytes, bytearray)):
        raise _wrong_document(index, "must be a text; decode the bytes first")
    raise _wrong_document(index, f"must be a text or a record, not {_kind(item)}")


@dataclasses.dataclass(frozen=True)
class _FrameworkDocument:
    """A document of a framework: its text, what the framework calls it, and its metadata."""

    text: object
    name: str
    metadata: object


def _framework_document(item: object) -> _FrameworkDocument | None:
    # LangChain
    if hasattr(item, "page_content") and hasattr(item, "metadata"):
        return _FrameworkDocument(_get(item, "page_content"), "page_content", _get(item, "metadata"))
    # LlamaIndex: a node, or one with a score
    get_content = _method(item, "get_content")
    if get_content is not None and (hasattr(item, "metadata") or hasattr(item, "node")):
        return _FrameworkDocument(get_content(), "text", getattr(item, "metadata", None))
    # Haystack; many other classes have a content
    if hasattr(item, "content") and hasattr(item, "meta") and hasattr(item, "embedding"):
        return _FrameworkDocument(_get(item, "content"), "content", _get(item, "meta"))
    return None


def _record_of(document: _FrameworkDocument, index: int, rank_fields: frozenset[str]) -> JsonDocument:
    text = document.text
    if not isinstance(text, str):
        raise _wrong_document(index, f"has no text: its {document.name} is {_kind(text)}")
    if not rank_fields:
        return text
    metadata = document.metadata
    record: Json = {}
    if is_mapping(metadata):
        record.update({name: value for name, value in metadata.items() if name in rank_fields})
    if document.name in rank_fields:
        record[document.name] = text
    record["text"] = text
    return record


def record_of(item: object) -> Json | None:
    """The fields of an object that has some: of pydantic, a dataclass or a named tuple. Others: ``None``."""
    dump = _method(item, "model_dump")
    if dump is not None:
        return _dict(dump(mode="json"))
    names = _field_names(item)
    if names is not None:
        return {name: getattr(item, name) for name in names}
    # pydantic 1 knew no model_dump.
    as_dict = _method(item, "dict") if hasattr(item, "__fields__") else None
    return None if as_dict is None else _dict(as_dict())


def _field_names(item: object) -> list[str] | None:
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        return [field.name for field in dataclasses.fields(item)]
    names: object = getattr(item, "_fields", None)
    return [str(name) for name in names] if isinstance(item, tuple) and is_iterable(names) else None


def is_missing(item: object) -> bool:
    """Whether a cell of a column holds nothing."""
    # NumPy's numbers are real numbers, if not floats; pandas' NA and NaT are no numbers.
    is_nan = isinstance(item, Real) and bool(item != item)
    return item is None or is_nan or type(item).__name__ in ("NAType", "NaTType")


def _names(rank_fields: object) -> frozenset[str]:
    if is_iterable(rank_fields) and not isinstance(rank_fields, (str, bytes)):
        return frozenset(name for name in rank_fields if isinstance(name, str))
    return frozenset()


def _method(item: object, name: str) -> Callable[..., object] | None:
    method: object = getattr(item, name, None)
    return method if callable(method) else None


def _get(item: object, name: str) -> object:
    value: object = getattr(item, name)
    return value


def _dict(value: object) -> Json | None:
    return dict(value) if is_mapping(value) else None


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _wrong(problem: str) -> BadRequestError:
    return BadRequestError(f"documents: {problem}", param="documents")


def _wrong_document(index: int, problem: str) -> BadRequestError:
    return BadRequestError(f"documents[{index}]: {problem}", param=f"documents[{index}]")
