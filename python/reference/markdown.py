"""Pieces of Markdown, as GitHub and the site of the documentation read it."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Anchors:
    """Those that GitHub derives from the headings of one page, in their order; equal ones are counted."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, heading: str) -> str:
        """The anchor of the next heading."""
        anchor = re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-")
        count = self._counts.get(anchor, 0)
        self._counts[anchor] = count + 1
        return anchor if count == 0 else f"{anchor}-{count}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells may hold line breaks and code with bars in it."""
    lines = [headings, *rows]
    return "\n".join([_row(lines[0]), f"|{'---|' * len(headings)}", *map(_row, lines[1:])])


def fence(text: str) -> str:
    """A block of Python."""
    return f"```python\n{text}\n```"


def code(text: str) -> str:
    """Code within a line; nothing for nothing."""
    return f"`{' '.join(text.split())}`" if text else ""


def first_sentence(text: str) -> str:
    """That of the first paragraph."""
    paragraph = " ".join(text.split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s(?=[A-Z`])", paragraph)[0]


def _row(cells: Sequence[str]) -> str:
    texts = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"|{''.join(f' {text} |' if text else ' |' for text in texts)}"
