"""The source of a package without running it: what each module defines, and where an imported name comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from docstrings import Description, read_docstring

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


@dataclass(frozen=True)
class Definition:
    name: str
    module: str
    """As it is imported: ``dheera_ai._client``."""
    node: ast.stmt
    description: Description
    overloads: tuple[Function, ...] = ()


@dataclass(frozen=True)
class Module:
    source: str
    about: str
    """What its docstring says."""
    public: Sequence[str]
    """Its ``__all__``."""
    definitions: dict[str, Definition] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Where a name of the same package comes from: its module, and its name there."""

    def text(self, node: ast.expr | None) -> str:
        """An expression as the source has it, on one line; empty for none."""
        return "" if node is None else " ".join((ast.get_source_segment(self.source, node) or "").split())


class Package:
    """A package in a folder that has its name."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder
        self.module = cache(self._read)

    def find(self, module: str, name: str) -> Definition | None:
        """What a name means in a module of this package; ``None`` where it comes from elsewhere."""
        read = self.module(module)
        if name in read.imports:
            return self.find(*read.imports[name])
        return read.definitions.get(name)

    def _read(self, name: str) -> Module:
        path = self._folder.joinpath(*name.split(".")[1:])
        source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
        tree = ast.parse(source)
        statements = list(_statements(tree.body))
        module = Module(source, read_docstring(ast.get_docstring(tree)).text, _public(statements))
        for statement in statements:
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == self.name:
                for alias in statement.names:
                    module.imports[alias.asname or alias.name] = (statement.module or "", alias.name)
        for definition in definitions_of(statements, name):
            module.definitions[definition.name] = definition
        return module


def definitions_of(statements: Sequence[ast.stmt], module: str) -> Iterator[Definition]:
    """Functions with their overloads, classes, and what is assigned, each with the docstring that belongs to it."""
    overloads: list[Function] = []
    for statement, following in zip_longest(statements, statements[1:]):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if has_decorator(statement, "overload"):
                overloads.append(statement)
                continue
            description = read_docstring(ast.get_docstring(statement))
            yield Definition(statement.name, module, statement, description, tuple(overloads))
            overloads = []
        elif isinstance(statement, ast.ClassDef):
            yield Definition(statement.name, module, statement, read_docstring(ast.get_docstring(statement)))
        elif (name := _assigned(statement)) is not None:
            yield Definition(name, module, statement, read_docstring(_text(following)))


def has_decorator(function: Function, name: str) -> bool:
    """Whether a function is decorated with this plain name."""
    return any(isinstance(decorator, ast.Name) and decorator.id == name for decorator in function.decorator_list)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module, also where they stand below a condition or a ``try``."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try)):
            yield from _statements(statement.body)


def _public(statements: Sequence[ast.stmt]) -> Sequence[str]:
    for statement in statements:
        if isinstance(statement, ast.Assign) and _assigned(statement) == "__all__":
            names: list[str] = ast.literal_eval(statement.value)
            return names
    return []


def _assigned(statement: ast.stmt) -> str | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def _text(statement: ast.stmt | None) -> str | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
