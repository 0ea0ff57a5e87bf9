"""The examples in docstrings, which the reference shows."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

import dheera_ai
from dheera_ai import _proxy


@pytest.mark.parametrize("module", [dheera_ai, _proxy], ids=lambda module: module.__name__)
def test_an_example_prints_what_it_says(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
