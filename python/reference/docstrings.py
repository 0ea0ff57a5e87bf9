"""What a docstring says: its text as Markdown, and the fields in it that describe parameters, results and errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Description:
    text: str
    """Markdown; empty where there is no docstring."""
    parameters: Mapping[str, str]
    returns: str
    raises: Mapping[str, str]
    """What is said of each error, by its name."""


def read_docstring(docstring: str | None) -> Description:
    """Reads ``:param name:``, ``:returns:`` and ``:raises name:``, which stand below the text."""
    parts = re.split(r"^:(param|returns|raises)\b *([^:\n]*):", inspect.cleandoc(docstring or ""), flags=re.MULTILINE)
    fields = [(kind, name, _line(text)) for kind, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)]
    return Description(
        text=_markdown(parts[0].strip()),
        parameters={name: text for kind, name, text in fields if kind == "param"},
        returns=" ".join(text for kind, _, text in fields if kind == "returns"),
        raises={name: text for kind, name, text in fields if kind == "raises"},
    )


def _markdown(text: str) -> str:
    paragraphs = text.split("\n\n")
    return "\n\n".join(_example(text) if text.startswith(">>> ") else _code(text) for text in paragraphs)


def _example(text: str) -> str:
    return f"```python\n{text}\n```"


def _line(text: str) -> str:
    return _code(" ".join(text.split()))


def _code(text: str) -> str:
    return text.replace("``", "`")
