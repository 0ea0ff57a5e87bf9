"""Requests as JSON: fast for what JSON knows, and with what records of Python hold beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from dheera_ai._call.documents import is_missing, record_of
from dheera_ai._call.narrow import is_list, is_mapping, is_set
from dheera_ai._errors import BadRequestError

_separators = (",", ":")


def encode(fields: Mapping[str, object]) -> bytes:
    """The body of a request, in UTF-8.

    Dates become ISO 8601, decimals, UUIDs and paths texts, enumerations their values, sets lists; NaN and infinity
    become null, as in JavaScript. Half a surrogate pair, which UTF-8 cannot say, is escaped.

    Raises ``BadRequestError`` for what JSON cannot say; its ``param`` names the field.
    """
    try:
        text = json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=_separators, default=_default)
    except (TypeError, ValueError, RecursionError, OverflowError):
        text = _encode_field_by_field(fields)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), separators=_separators).encode()


def _default(value: object) -> object:
    if is_missing(value):
        return None
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID, PurePath)):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if is_mapping(value):
        return dict(value)
    if is_set(value):
        return sorted(value, key=str)
    record = None if isinstance(value, type) else record_of(value)
    if record is not None:
        return record
    # Numbers and arrays of NumPy, columns of pandas, and what else knows itself as plain Python.
    to_list = getattr(value, "tolist", None) or getattr(value, "to_list", None)
    if callable(to_list) and not isinstance(value, type):
        return to_list()
    raise TypeError(type(value).__name__)


def _encode_field_by_field(fields: Mapping[str, object]) -> str:
    """Finds the field that JSON cannot say, or else makes JSON of all of them, without NaN and infinity."""
    encoded: list[str] = []
    for name, value in fields.items():
        if name == "documents" and is_list(value):
            documents = (_encode_value(f"documents[{index}]", item) for index, item in enumerate(value))
            encoded.append(f'"documents":[{",".join(documents)}]')
        else:
            encoded.append(f"{json.dumps(name)}:{_encode_value(name, value)}")
    return f"{{{','.join(encoded)}}}"


def _encode_value(path: str, value: object) -> str:
    try:
        return _dumps(value)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise _cannot_say(path, value, error) from None


def _dumps(value: object) -> str:
    options: dict[str, Any] = {"ensure_ascii": False, "separators": _separators, "default": _default}
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        # The words that Python writes for what is no number would be read back as floats, and JSON knows none of them.
        finite = json.loads(json.dumps(value, **options), parse_constant=lambda _word: None)
        return json.dumps(finite, **options)


def _cannot_say(path: str, value: object, error: Exception) -> BadRequestError:
    if is_mapping(value):
        for name, inner in value.items():
            if not isinstance(name, (str, int, float, bool, type(None))):
                return BadRequestError(f"{path}: names of fields must be texts, not {type(name).__name__}", param=path)
            try:
                _dumps(inner)
            except (TypeError, ValueError, RecursionError, OverflowError) as cause:
                # A name that is none may be anything, and is not repeated.
                field = f"{path}.{name}" if re.fullmatch(r"[\w-]{1,40}", str(name), re.ASCII) else path
                return BadRequestError(f"{field}: {_reason(inner, cause)}", param=field)
    return BadRequestError(f"{path}: {_reason(value, error)}", param=path)


def _reason(value: object, error: Exception) -> str:
    if isinstance(error, TypeError):
        inner = str(error)
        kind = inner if inner.isidentifier() else type(value).__name__
        return f"JSON cannot say a value of type {kind}; give texts, numbers, lists or dicts"
    if isinstance(error, RecursionError) or "Circular" in str(error):
        return "holds itself, or is nested too deeply"
    return f"JSON cannot say this {type(value).__name__}"
