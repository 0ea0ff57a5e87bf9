"""The page: a list of all names, then each in the section of its module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from markdown import Anchors, code, fence, first_sentence, table
from members import Field, Parameter, as_function, bases, described_like, description_of, fields, methods, parameters
from read_package import Definition, Function, Package
from signatures import class_signature, differing, signature

_generated = (
    "<!-- Made from the docstrings of python/src/dheera_ai by python/reference: change them there, "
    "and run pnpm --filter @dheera-ai/reference run docs. -->"
)
_introduction = """\
Everything that `import dheera_ai` and its adapters bring, with its signature and what it means.
[The Python package](../../python/README.md) shows how it is used, [errors.md](../errors.md) explains each `code`.
What is imported in another way is internal, and may change in any release."""
_titles = {
    "_client": "Ranking",
    "_engine.status": "The engine",
    "_proxy": "A proxy in your program",
    "_call.request": "What a request takes",
    "_call.responses": "What a request returns",
    "_errors": "Errors",
    "": "The package",
}


class Page:
    """``public``: what each module that one imports has. ``met``: the other types that their signatures name."""

    def __init__(self, package: Package, public: Mapping[str, Sequence[Definition]], met: Sequence[Definition]) -> None:
        self._package = package
        self._adapters = [module for module in public if module != package.name]
        self._sections = self._divided(public, met)
        self._links: dict[tuple[str, str], str] = {}
        self._names: dict[str, str] = {}
        """The anchors of names as texts say them: of functions, classes, and methods with their class."""
        anchors = Anchors()
        for title, definitions in self._sections.items():
            anchors.add(title)
            for definition in definitions:
                key = (definition.module, definition.name)
                self._links[key] = anchors.add(self._heading(definition))
                self._names.setdefault(definition.name, self._links[key])
                for method in methods(definition):
                    anchor = anchors.add(self._method_heading(definition, method))
                    self._names.setdefault(f"{definition.name}.{method.name}", anchor)

    def text(self) -> str:
        parts = [_generated, "# Python API", _introduction, *self._list()]
        for title, definitions in self._sections.items():
            parts += [f"## {title}", *self._about(title, definitions)]
            for definition in definitions:
                parts += [f"### {self._heading(definition)}", *self._body(definition)]
        return "\n\n".join(parts)

    def _divided(
        self, public: Mapping[str, Sequence[Definition]], met: Sequence[Definition]
    ) -> dict[str, list[Definition]]:
        sections: dict[str, list[Definition]] = {}
        own = public[self._package.name]
        modules = {definition.module for definition in own}
        for definition in own:
            sections.setdefault(self._title(definition), []).append(definition)
        for definition in met:
            title = self._title(definition) if definition.module in modules else "Other types in signatures"
            sections.setdefault(title, []).append(definition)
        order = [title for title in _titles.values() if title in sections]
        sections = {title: sections[title] for title in [*order, *(title for title in sections if title not in order)]}
        return {**sections, **{module: list(public[module]) for module in self._adapters}}

    def _title(self, definition: Definition) -> str:
        module = definition.module.removeprefix(self._package.name).removeprefix(".")
        return _titles.get(module, definition.module)

    def _about(self, title: str, definitions: Sequence[Definition]) -> Iterator[str]:
        """What the module says of itself, where all of the section is of one."""
        modules = {definition.module for definition in definitions}
        if len(modules) == 1 and title != _titles[""]:
            yield self._linked(self._package.module(modules.pop()).about)

    def _list(self) -> Iterator[str]:
        everything = [definition for definitions in self._sections.values() for definition in definitions]
        yield table(
            ("name", "what it is"),
            [(self._link(it), self._linked(first_sentence(it.description.text))) for it in everything],
        )

    def _body(self, definition: Definition) -> Iterator[str]:
        function = as_function(definition)
        if function is not None:
            yield from self._function(None, definition, function)
        elif isinstance(definition.node, ast.ClassDef):
            yield from self._class(definition, definition.node)
        else:
            yield fence(self._source(definition))
            yield self._linked(definition.description.text)
            keys = fields(self._package, definition)
            if keys:
                yield self._field_table(definition, keys)

    def _class(self, definition: Definition, node: ast.ClassDef) -> Iterator[str]:
        yield fence(class_signature(node, self._package.module(definition.module).text))
        yield self._linked(definition.description.text, definition)
        parents = [self._link(base) for base in bases(self._package, definition) if self._is_shown(base)]
        if parents:
            yield f"Has what {' and '.join(parents)} {'has' if len(parents) == 1 else 'have'}."
        found = fields(self._package, definition)
        if found:
            yield self._field_table(definition, found)
        for method in methods(definition):
            function = as_function(method)
            if function is not None:
                yield f"#### {self._method_heading(definition, method)}"
                yield from self._function(definition, method, function)

    def _function(self, owner: Definition | None, definition: Definition, function: Function) -> Iterator[str]:
        takes = parameters(self._package, owner, definition)
        is_constructor = owner is not None and definition.name == "__init__"
        name = owner.name if owner is not None and is_constructor else definition.name
        returns = "" if is_constructor else self._package.module(definition.module).text(function.returns)
        yield fence(signature(function, name, takes, returns))
        description = description_of(self._package, owner, definition)
        if description.text:
            yield self._linked(description.text, owner)
        if takes:
            yield self._parameter_table(definition, takes)
        told = described_like(self._package, owner, definition)
        yield from self._returned(definition, returns, description.returns or told.returns)
        raises = description.raises or told.raises
        if raises:
            lines = [f"- {self._linked(code(error))}: {self._linked(when)}" for error, when in raises.items()]
            yield "\n".join(["Raises:", "", *lines])

    def _returned(self, definition: Definition, returns: str, about: str) -> Iterator[str]:
        if returns in ("", "None"):
            return
        says = f"Returns {self._type(definition, returns)}"
        yield f"{says}: {self._linked(about)}" if about else f"{says}."
        text = self._package.module(definition.module).text
        rows = [
            f"- {self._type(definition, text(it.returns))} with {code(differing(it, definition.overloads, text))}"
            for it in definition.overloads
        ]
        if rows:
            yield "\n".join(["More exactly, as type checkers know it:", "", *rows])

    def _parameter_table(self, definition: Definition, takes: Sequence[Parameter]) -> str:
        rows = [
            (code(it.name), self._type(definition, it.annotation), code(it.default), self._linked(it.description))
            for it in takes
        ]
        return table(("parameter", "type", "default", "meaning"), rows)

    def _field_table(self, definition: Definition, found: Sequence[Field]) -> str:
        rows = [(code(it.name), self._type(definition, it.type), self._linked(it.description)) for it in found]
        return table(("field", "type", "meaning"), rows)

    def _type(self, definition: Definition, text: str) -> str:
        """An expression as code, which leads to the first type of this page that it names."""
        for name in re.findall(r"[A-Za-z_]\w*", text):
            found = self._package.find(definition.module, name)
            if found is not None and self._is_shown(found):
                return f"[{code(text)}](#{self._links[found.module, found.name]})"
        return code(text)

    def _linked(self, text: str, owner: Definition | None = None) -> str:
        """Markdown whose `names` lead to their sections, the methods of this class first; examples are left alone."""

        def link(match: re.Match[str]) -> str:
            own = None if owner is None or match[1] else self._names.get(f"{owner.name}.{match[2]}")
            anchor = own or self._names.get(match[2])
            return match[0] if anchor is None else f"[{match[0]}](#{anchor})"

        pieces = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
        names = re.compile(rf"`({self._package.name}\.)?([\w.]+)`")
        return "".join(
            piece if piece.startswith("```") else re.sub(r"`docs/(\S+\.md)`", r"[\1](../\1)", names.sub(link, piece))
            for piece in pieces
        )

    def _link(self, definition: Definition) -> str:
        prefix = f"{definition.module}." if self._is_adapter(definition) else ""
        return f"[`{prefix}{definition.name}`](#{self._links[definition.module, definition.name]})"

    def _is_shown(self, definition: Definition) -> bool:
        return (definition.module, definition.name) in self._links

    def _is_adapter(self, definition: Definition) -> bool:
        return definition.module in self._adapters

    def _heading(self, definition: Definition) -> str:
        name = f"{definition.module}.{definition.name}" if self._is_adapter(definition) else definition.name
        if name.startswith("_"):
            name = f"`{name}`"
        return f"{name}()" if as_function(definition) else name

    def _method_heading(self, owner: Definition, method: Definition) -> str:
        if method.name == "__init__":
            return f"{self._heading(owner)}(…)"
        return f"{self._heading(owner)}.{method.name}()"

    def _source(self, definition: Definition) -> str:
        source = self._package.module(definition.module).source
        return ast.get_source_segment(source, definition.node) or ""
