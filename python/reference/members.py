"""What a class has, and what a function takes, with their descriptions, wherever the source gives them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docstrings import Description
from read_package import Definition, Function, Module, Package, definitions_of, has_decorator


@dataclass(frozen=True)
class Parameter:
    name: str
    """With its stars: ``**options``."""
    annotation: str
    default: str
    description: str


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    description: str


def as_function(definition: Definition) -> Function | None:
    node = definition.node
    return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def members(owner: Definition) -> dict[str, Definition]:
    """Those of a class that have a public name, and its constructor where a docstring of its own describes it."""
    if not isinstance(owner.node, ast.ClassDef):
        return {}
    found = {member.name: member for member in definitions_of(owner.node.body, owner.module)}
    constructor = found.get("__init__")
    is_described = constructor is not None and constructor.description.text != ""
    return {
        name: member
        for name, member in found.items()
        if not name.startswith("_") or (name == "__init__" and is_described)
    }


def methods(owner: Definition) -> list[Definition]:
    """Its functions, the constructor first."""
    found = [member for member in members(owner).values() if as_function(member) and not is_property(member)]
    return sorted(found, key=lambda member: member.name != "__init__")


def fields(package: Package, owner: Definition) -> list[Field]:
    """Its properties and attributes, without those that its constructor takes and describes."""
    constructor = members(owner).get("__init__")
    taken = {} if constructor is None else constructor.description.parameters
    module = package.module(owner.module)
    if isinstance(owner.node, ast.Assign):
        return [Field(name, kind, owner.description.parameters.get(name, "")) for name, kind in _keys(owner.node.value)]
    return [
        Field(name, _type(module, member), description_of(package, owner, member).text)
        for name, member in members(owner).items()
        if name not in taken and (is_property(member) or not as_function(member))
    ]


def is_property(member: Definition) -> bool:
    function = as_function(member)
    return function is not None and has_decorator(function, "property")


def description_of(package: Package, owner: Definition | None, member: Definition) -> Description:
    """Its own, or that of the same member of a base."""
    if member.description.text or owner is None:
        return member.description
    for base in bases(package, owner):
        inherited = members(base).get(member.name)
        if inherited is not None:
            return description_of(package, base, inherited)
    return member.description


def bases(package: Package, owner: Definition) -> list[Definition]:
    """Those that the same package defines."""
    nodes = owner.node.bases if isinstance(owner.node, ast.ClassDef) else []
    found = [package.find(owner.module, node.id) for node in nodes if isinstance(node, ast.Name)]
    return [base for base in found if base is not None]


def parameters(package: Package, owner: Definition | None, definition: Definition) -> list[Parameter]:
    """All but ``self``. "As ``other``." takes the descriptions of the other function."""
    function = as_function(definition)
    if function is None:
        return []
    told = {**described_like(package, owner, definition).parameters, **definition.description.parameters}
    is_bound = owner is not None and not has_decorator(function, "staticmethod")
    module = package.module(definition.module)
    found = [
        Parameter(f"{stars}{argument.arg}", module.text(argument.annotation), default, told.get(argument.arg, ""))
        for stars, argument, default in _arguments(function.args, module)
    ]
    return found[1:] if is_bound else found


def described_like(package: Package, owner: Definition | None, definition: Definition) -> Description:
    """The description that "As ``other``." at its beginning means; else its own."""
    other = re.match(r"As `(?:\w+\.)*?(?:([A-Z]\w+)\.)?(\w+)`", definition.description.text)
    if other is None:
        return definition.description
    class_name, name = other.groups()
    if class_name is not None:
        owner = package.find(definition.module, class_name)
    elif f"`{name}`" not in other[0] or (owner is not None and name not in members(owner)):
        owner = None
    found = members(owner).get(name) if owner is not None else package.find(definition.module, name)
    if found is not None and definition.name == "__init__":
        found = members(found).get("__init__", found)
    return definition.description if found is None else described_like(package, owner, found)


def _arguments(args: ast.arguments, module: Module) -> Iterator[tuple[str, ast.arg, str]]:
    positional = [*args.posonlyargs, *args.args]
    defaults: Sequence[ast.expr | None] = [*[None] * (len(positional) - len(args.defaults)), *args.defaults]
    for argument, default in zip(positional, defaults, strict=True):
        yield "", argument, module.text(default)
    if args.vararg:
        yield "*", args.vararg, ""
    for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield "", argument, module.text(default)
    if args.kwarg:
        yield "**", args.kwarg, ""


def _keys(value: ast.expr) -> Iterator[tuple[str, str]]:
    """Those of a ``TypedDict`` that is made by a call, because not all of them are names: each with its type."""
    called = value.func if isinstance(value, ast.Call) else None
    if isinstance(value, ast.Call) and isinstance(called, ast.Name) and called.id == "TypedDict":
        kinds: dict[str, str] = ast.literal_eval(value.args[1])
        yield from kinds.items()


def _type(module: Module, member: Definition) -> str:
    node = member.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return module.text(node.returns)
    if isinstance(node, ast.AnnAssign):
        return module.text(node.annotation)
    return module.text(node.value) if isinstance(node, ast.Assign) else ""
