"""A path resolved against the live schemas, through references and partners. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from syncctl.fields.schema import Field
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Ref
from syncctl.paths import Hop, Path, Step
from syncctl.values.field_reader import field_reader
from syncctl.values.scope import Catalogue, Reader, Scope

JOINED = "@"
"""A prefix that begins so names another kind: the line elements are records that the ledger joins."""


@dataclass(frozen=True, slots=True)
class Located:
    """A path resolved: its type, how it is read, and the field at its first hop and at its end (None for a state or
    a partner). `place` is where the first hop's field is written, relative to the record or line element; `joined`
    says that this element is a record of its own.
    """

    type: str
    read: Reader
    field: Field | None = None
    first: Field | None = None
    place: str = ""
    in_parent: bool = False
    hops: int = 1
    joined: bool = False


def locate(path: Path, system: str, kind: str, catalogue: Catalogue, prefix: str = "") -> Located:
    """Resolves a path against the live schema. `prefix` is the key of the list a line element lives in.

    Raises Undecodable when the schema has no such field, naming it.
    """
    hop, rest = path.hops[0], path.hops[1:]
    if hop.state:
        return Located("enum", lambda _raw, scope: catalogue.state(scope.ref, scope.root))
    if hop.link:
        return _through(_own_partner(hop.link), hop.link, (system, kind), rest, catalogue)
    found, place = _field(hop, system, kind, catalogue, "" if hop.parent else prefix)
    read = field_reader(found, place, system, in_parent=hop.parent)
    joined = prefix.startswith(JOINED) and not hop.parent
    if joined:
        read = _as_own_record(read)
    if not rest:
        return Located(found.type, read, found, found, place, hop.parent, joined=joined)
    step = _follow(read, found, system, kind, rest, catalogue)
    return Located(step.type, step.read, step.field, found, place, hop.parent, len(path.hops), joined)


def _as_own_record(read: Reader) -> Reader:
    """An element that the ledger joins is a whole record: its currency stands in it, not in what holds it."""
    return lambda raw, scope: read(raw, Scope(scope.ref, raw, scope.source, scope.uses))


def _field(hop: Hop, system: str, kind: str, catalogue: Catalogue, prefix: str) -> tuple[Field, str]:
    """The field of a hop and the plain path, relative to the element, that reads it."""
    if prefix.startswith(JOINED):
        kind, prefix = prefix[len(JOINED) :], ""
    schema = catalogue.schema(system, kind)
    if hop.label:
        named = schema.labelled(hop.label)
        if len(named) != 1:
            many = "several fields" if named else "no field"
            raise Undecodable(f"{system}.{kind} has {many} labelled ({hop.label})")
        if hop.steps:
            raise Undecodable(f"{hop}: nothing follows a label")
        return named[0], named[0].place
    key = ".".join(step.name for step in hop.steps)
    if any(not selector.path.plain for step in hop.steps for selector in step.selectors):
        raise Undecodable(f"{_steps_text(hop.steps)}: a selector through a reference may only choose lines")
    found = schema.find(f"{prefix}.{key}" if prefix else key)
    if found is None:
        raise Undecodable(f"{system}.{kind} has no field {f'{prefix}.{key}' if prefix else key}")
    return found, found.access or _steps_text(hop.steps)


def _steps_text(steps: tuple[Step, ...]) -> str:
    return ".".join(map(str, steps))


def _own_partner(mapping: str) -> Reader:
    def read(_raw: Any, scope: Scope) -> Any:
        scope.uses.add(scope.ref)
        return scope.source.partner(mapping, scope.ref)

    return read


def _follow(read: Reader, found: Field, system: str, kind: str, rest: tuple[Hop, ...], catalogue: Catalogue) -> Located:
    """From a reference on: into the record it names, or to that record's partner."""
    if not found.kinds:
        raise Undecodable(f"{system}.{kind}.{found.path} is no reference: nothing follows `->`")
    hop = rest[0]
    if hop.link:

        def partner(raw: Any, scope: Scope) -> Any:
            return _each(read(raw, scope), lambda ref: _partner_of(hop.link, ref, scope))

        sides = catalogue.sides.get(hop.link, ())
        named = [(system, target) for target in found.kinds]
        start = next((each for each in named if each in sides), named[0])
        return _through(partner, hop.link, start, rest[1:], catalogue)
    ends = _ends(found, system, rest, catalogue)
    first = next(iter(ends.values()))
    return Located(first.type, _into(read, {target: end.read for target, end in ends.items()}), first.field)


def _ends(found: Field, system: str, rest: tuple[Hop, ...], catalogue: Catalogue) -> dict[str, Located]:
    """Where the rest leads in a record of each kind that the reference may name; kinds that have no such field are
    left out, and not asked for. Raises Undecodable where none has it, or where it is of several types.
    """
    ends: dict[str, Located] = {}
    refused: list[Undecodable] = []
    for kind in found.kinds:
        asked = frozenset(catalogue.asked)
        try:
            ends[kind] = locate(Path(rest), system, kind, catalogue)
        except Undecodable as error:
            catalogue.asked.intersection_update(asked)
            refused.append(error)
    if not ends:
        raise refused[0]
    if len({end.type for end in ends.values()}) > 1:
        types = ", ".join(f"{end.type} in {kind}" for kind, end in ends.items())
        raise Undecodable(f"{found.path}->{Path(rest)} is {types}")
    return ends


def _partner_of(mapping: str, ref: Any, scope: Scope) -> Any:
    if not isinstance(ref, Ref):
        return None if isinstance(ref, str) else ref
    scope.uses.add(ref)
    return scope.source.partner(mapping, ref)


def _through(
    read: Reader, mapping: str, start: tuple[str, str], rest: tuple[Hop, ...], catalogue: Catalogue
) -> Located:
    """From a partner on."""
    sides = catalogue.sides.get(mapping)
    if sides is None or start not in sides:
        raise Undecodable(f"{'.'.join(start)} is no side of a mapping {mapping}")
    left, right = sides
    system, kind = right if start == left else left
    if not rest:
        return Located("ref", read, Field(path=f"link({mapping})", codec="ref", target=kind))
    inner = locate(Path(rest), system, kind, catalogue)
    return Located(inner.type, _into(read, {kind: inner.read}), inner.field)


def _into(read: Reader, inner: Mapping[str, Reader]) -> Reader:
    """Reads a value inside each record that a reference names, by the record's kind."""

    def through(raw: Any, scope: Scope) -> Any:
        return _each(read(raw, scope), lambda ref: _inside(ref, scope, inner))

    return through


def _inside(ref: Any, scope: Scope, inner: Mapping[str, Reader]) -> Any:
    if isinstance(ref, str):
        return None  # the id of a record of a kind that nobody pulls
    if not isinstance(ref, Ref):
        return ref  # Unknown stays Unknown
    read = inner.get(ref.kind)
    if read is None:
        return None
    scope.uses.add(ref)
    raw = scope.source.record(ref)
    return None if raw is None else read(raw, Scope(ref, raw, scope.source, scope.uses))


def _each(value: Any, action: Callable[[Any], Any]) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        found = tuple(result for result in map(action, value) if result is not None)
        return found or None
    return action(value)
