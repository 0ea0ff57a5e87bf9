"""What the page is about: each name of an ``__all__``, and the types of the package that their signatures name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from members import as_function, bases, description_of, fields, members, methods, parameters
from read_package import Definition, Package


def frameworks(folder: Path) -> list[str]:
    """The modules that are imported by their own names: adapters, each for a framework that need not be there."""
    return sorted(f"{folder.name}.{path.stem}" for path in folder.glob("*.py") if not path.stem.startswith("_"))


def public_names(package: Package, module: str) -> list[Definition]:
    """The names of the module's ``__all__``, in the order of the source; refuses one that is not defined."""
    found = {name: package.find(module, name) for name in package.module(module).public}
    missing = [name for name, definition in found.items() if definition is None]
    if missing:
        raise ValueError(f"__all__ of {module} has names that no module defines: {', '.join(missing)}")
    return sorted((found for found in found.values() if found is not None), key=place)


def place(definition: Definition) -> tuple[str, int]:
    """By module, then by line."""
    return (definition.module, definition.node.lineno)


def named_in_signatures(package: Package, public: list[Definition]) -> list[Definition]:
    """Types of the package that no ``__all__`` of the face has, and that one meets through those that it has."""
    known = list(public)
    for definition in known:
        for name in _names(package, definition):
            found = package.find(definition.module, name)
            if found is not None and found not in known and not name.startswith("_") and not _is_variable(found):
                known.append(found)
    return sorted(known[len(public) :], key=place)


def undescribed(package: Package, definitions: list[Definition]) -> list[str]:
    """Names, fields, methods and parameters without a description."""
    return [name for definition in definitions for name in _undescribed(package, definition)]


def _undescribed(package: Package, definition: Definition) -> Iterator[str]:
    if not definition.description.text:
        yield definition.name
    yield from (f"{definition.name}({it.name})" for it in parameters(package, None, definition) if not it.description)
    yield from (f"{definition.name}.{field.name}" for field in fields(package, definition) if not field.description)
    for method in methods(definition):
        name = f"{definition.name}.{method.name}"
        if method.name != "__init__" and not description_of(package, definition, method).text:
            yield name
        yield from (f"{name}({it.name})" for it in parameters(package, definition, method) if not it.description)


def _names(package: Package, definition: Definition) -> Iterator[str]:
    yield from (base.name for base in bases(package, definition))
    shown = [definition, *members(definition).values()]
    functions = [function for function in map(as_function, shown) if function is not None]
    annotations: list[ast.expr | None] = []
    for function in functions:
        args = function.args
        listed = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
        annotations += [function.returns, *(argument.annotation for argument in listed if argument is not None)]
    annotations += [member.node.annotation for member in shown if isinstance(member.node, ast.AnnAssign)]
    for annotation in annotations:
        if annotation is not None:
            yield from (node.id for node in ast.walk(annotation) if isinstance(node, ast.Name))


def _is_variable(definition: Definition) -> bool:
    """A type variable says nothing by itself."""
    value = definition.node.value if isinstance(definition.node, ast.Assign) else None
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"
