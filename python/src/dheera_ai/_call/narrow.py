"""What a value of unknown type is, in words that type checkers understand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = dict[str, Any]
"""An object of JSON, as ``json.loads`` makes it."""

Value: TypeAlias = Any
"""What JSON may hold."""


def is_json(value: object) -> TypeGuard[Json]:
    """Whether ``json.loads`` made an object of it."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Value]]:
    """Whether it is a list, of whatever."""
    return isinstance(value, list)


def is_mapping(value: object) -> TypeGuard[Mapping[Value, Value]]:
    """Whether it maps, whatever to whatever."""
    return isinstance(value, Mapping)


def is_set(value: object) -> TypeGuard[AbstractSet[Value]]:
    """Whether it is a set, of whatever."""
    return isinstance(value, AbstractSet)


def is_iterable(value: object) -> TypeGuard[Iterable[Value]]:
    """Whether a loop can go over it."""
    return isinstance(value, Iterable)
