"""Signatures as a reader needs them: without bodies, on one line where they fit into it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TypeAlias

from members import Parameter
from read_package import Function, has_decorator

Text: TypeAlias = "Callable[[ast.expr | None], str]"
"""An expression as its source has it."""

_widest = 88


def signature(function: Function, name: str, takes: Sequence[Parameter], returns: str) -> str:
    """That of a function; where it is a constructor, ``name`` is that of the class."""
    pieces = [_piece(parameter) for parameter in takes]
    arguments = function.args
    if arguments.kwonlyargs and not arguments.vararg:
        pieces.insert(len(pieces) - len(arguments.kwonlyargs) - (arguments.kwarg is not None), "*")
    word = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    opening = name if function.name == "__init__" else f"{word} {name}"
    ending = f" -> {returns}" if returns else ""
    if has_decorator(function, "classmethod"):
        opening = f"@classmethod\n{opening}"
    line = f"{opening}({', '.join(pieces)}){ending}"
    if len(line.split("\n")[-1]) <= _widest:
        return line
    return "\n".join([f"{opening}(", *(f"    {piece}," for piece in pieces), f"){ending}"])


def class_signature(node: ast.ClassDef, text: Text) -> str:
    """A class with its bases."""
    keywords = (f"{keyword.arg}={text(keyword.value)}" for keyword in node.keywords)
    bases = ", ".join([*map(text, node.bases), *keywords])
    return f"class {node.name}({bases})" if bases else f"class {node.name}"


def differing(overload: Function, overloads: Sequence[Function], text: Text) -> str:
    """The parameters of an overload that have another type in the others."""
    own, *others = ({it.arg: text(it.annotation) for it in _all(of)} for of in (overload, *overloads))
    return ", ".join(f"{name}: {kind}" for name, kind in own.items() if any(it.get(name) != kind for it in others))


def _all(function: Function) -> Sequence[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _piece(parameter: Parameter) -> str:
    typed = f"{parameter.name}: {parameter.annotation}" if parameter.annotation else parameter.name
    return f"{typed} = {parameter.default}" if parameter.default else typed
