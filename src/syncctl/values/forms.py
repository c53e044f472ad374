"""Value forms compiled: a path, a constant, a first, a text or a sum as one reading. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncctl.fields.schema import Field
from syncctl.fields.text import show
from syncctl.mapping.language import Constant, First, Form, PathValue, Sum, Template
from syncctl.model import Unknown
from syncctl.paths import Hop, Path
from syncctl.values.canonical import add_up, flat, one
from syncctl.values.elements import elements_reader
from syncctl.values.locate import Located, locate
from syncctl.values.scope import Catalogue, Reader, Scope

ANY = "any"
"""The type of a constant: it becomes whatever it is compared with or written to."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A compiled form: its type and how it is read. `parts` are the located paths in it, for writing back.

    `bare`: the form is one path and nothing around it. `members` are those of a `first`, `terms`
    those of a sum, each with its sign.
    """

    type: str
    read: Reader
    parts: tuple[Located, ...] = ()
    bare: bool = False
    members: tuple[Reading, ...] = ()
    terms: tuple[tuple[int, Reading], ...] = ()

    @property
    def own(self) -> Field | None:
        """The field, where the form is nothing but a field of the record or line element itself."""
        if not self.bare:
            return None
        located, found = self.parts[0], self.parts[0].field
        if found is None or located.hops > 1 or located.in_parent or located.joined or located.first is not found:
            return None
        return None if found.reverse is not None or found.every else found


def compile_form(form: Form, system: str, kind: str, catalogue: Catalogue, prefix: str = "") -> Reading:
    """Compiles one side of a field or rule. Raises Undecodable naming what the schema lacks."""
    match form:
        case PathValue(path):
            return _compile_path(path, system, kind, catalogue, prefix)
        case Constant(text):
            return Reading(ANY, lambda _raw, _scope: text or None)
        case First(members):
            return _compile_first([compile_form(each, system, kind, catalogue, prefix) for each in members])
        case Template(parts):
            return _compile_template(parts, system, kind, catalogue, prefix)
        case Sum(terms):
            inner = [(term.sign, compile_form(term.value, system, kind, catalogue, prefix)) for term in terms]
            return _compile_sum(inner)


def _compile_path(path: Path, system: str, kind: str, catalogue: Catalogue, prefix: str) -> Reading:
    elements = _reverse_elements(path, system, kind, catalogue, prefix)
    if elements is not None:
        return elements
    located = locate(path, system, kind, catalogue, prefix)
    return Reading(located.type, located.read, (located,), bare=True)


def _reverse_elements(path: Path, system: str, kind: str, catalogue: Catalogue, prefix: str) -> Reading | None:
    """A path into a list that the ledger joins (`transactions.amount`): each element is a record of another kind."""
    hop = path.hops[0]
    if prefix or hop.label or hop.link or hop.state or len(hop.steps) < 2:
        return None
    found = catalogue.schema(system, kind).find(hop.steps[0].name)
    if found is None or found.reverse is None:
        return None
    target = found.reverse[0]
    inner = locate(Path((Hop(hop.steps[1:]), *path.hops[1:])), system, target, catalogue)
    lines = elements_reader(Path((Hop(hop.steps[:1]),)), system, kind, catalogue)

    def read(raw: Any, scope: Scope) -> Any:
        values = [
            inner.read(element, Scope(scope.ref, element, scope.source, scope.uses)) for element in lines(raw, scope)
        ]
        return tuple(value for value in values if value is not None) or None

    return Reading(inner.type, read, ())


def _compile_first(members: list[Reading]) -> Reading:
    def read(raw: Any, scope: Scope) -> Any:
        for member in members:
            value = member.read(raw, scope)
            if value is not None and value != "":
                return value
        return None

    kind = next((member.type for member in members if member.type != ANY), ANY)
    return Reading(kind, read, tuple(part for member in members for part in member.parts), members=tuple(members))


def _compile_template(
    parts: tuple[str | Path, ...], system: str, kind: str, catalogue: Catalogue, prefix: str
) -> Reading:
    compiled = [
        part if isinstance(part, str) else _compile_path(part, system, kind, catalogue, prefix) for part in parts
    ]

    def read(raw: Any, scope: Scope) -> Any:
        values = [part if isinstance(part, str) else one(part.read(raw, scope)) for part in compiled]
        unknown = next((value for value in values if isinstance(value, Unknown)), None)
        if unknown is not None:
            return unknown
        return fill_template(compiled, values) or None

    found = tuple(located for part in compiled if isinstance(part, Reading) for located in part.parts)
    return Reading("text", read, found)


def fill_template(parts: list[Any], values: list[Any]) -> str:
    """Literal text and values as one text; an empty value leaves together with the text before it (the first value:
    after it). Nothing at all where every value is empty.

    >>> fill_template(["a ", 1, " b ", 2], ["a ", "x", " b ", None])
    'a x'
    """
    shown: list[str] = []
    head = pending = ""
    seen = False
    for part, value in zip(parts, values, strict=True):
        if isinstance(part, str):
            pending = part
            continue
        if not seen:
            head, pending, seen = pending, "", True
        text = show(value)
        if text:
            shown += [pending if shown else "", text]
        pending = ""
    return "".join([head, *shown, pending]) if shown else ""


def _compile_sum(terms: list[tuple[int, Reading]]) -> Reading:
    def read(raw: Any, scope: Scope) -> Any:
        amounts = [(sign, value) for sign, term in terms for value in flat(term.read(raw, scope))]
        unknown = next((value for _, value in amounts if isinstance(value, Unknown)), None)
        return unknown if unknown is not None else add_up(amounts)

    kind = next((term.type for _, term in terms if term.type != ANY), "number")
    single = terms[0][1].parts if len(terms) == 1 else ()
    return Reading("money" if kind == "money" else "number", read, single, terms=tuple(terms))
