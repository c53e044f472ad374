"""A path looked up in the live schemas: its field, its type, and what a write through it touches. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from syncctl.fields.schema import Field, Schema
from syncctl.mapping.language import Mapping as Joining
from syncctl.paths import LABEL_FIELD, Hop, Path, Selector
from syncctl.yamltext import closest

STATES: Final = ("draft", "open", "part_paid", "paid", "void", "archived", "deleted")
STATE: Final = Field(
    "$state",
    "enum",
    options=tuple((state, state) for state in STATES),
    open_options=False,
    note="a state changes by what is done to the record",
)
PULL: Final = "if it is new at the vendor: syncctl schema pull"


class Missing(Exception):
    """The schema has no such field; `hint` says what may be meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class World:
    """What paths are looked up in: the schemas of all kinds, and all mappings by name."""

    schemas: Mapping[tuple[str, str], Schema]
    mappings: Mapping[str, Joining] = field(default_factory=dict)

    def schema(self, system: str, kind: str) -> Schema:
        """The schema of a kind; raises Missing."""
        found = self.schemas.get((system, kind))
        if found is not None:
            return found
        kinds = [known for name, known in self.schemas if name == system]
        if kinds:
            raise Missing(f"{system} has no kind `{kind}`", closest(kind, kinds) or PULL)
        systems = {name for name, _ in self.schemas}
        raise Missing(f"there is no system `{system}`", closest(system, systems) or "name it in syncctl.yaml")


@dataclass(frozen=True, slots=True)
class Start:
    """Where a path begins: in a record, or in a line of one. `prefix` is the list the line stands in; `element` is
    its own kind where the lines are records that the ledger joins.
    """

    system: str
    kind: str
    prefix: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a path. `first` is the field of the record itself that a write through the path touches, and `place`
    its identity; None and empty for what is not a field of the record. `hops` counts the arrows, plus one.
    """

    system: str
    kind: str
    field: Field
    first: Field | None = None
    place: str = ""
    hops: int = 1
    in_parent: bool = False

    @property
    def type(self) -> str:
        """The type of the value."""
        return self.field.type


def resolve(path: Path, start: Start, world: World) -> Found:
    """Looks a path up; raises Missing."""
    hop = path.hops[0]
    if hop.state:
        return Found(start.system, start.kind, STATE)
    if hop.link:
        return _follow(_partner(hop.link, start.system, start.kind, world), path, 1, world)
    found = _own(hop, start, world)
    return _follow(found, path, 1, world)


def lines_start(path: Path, start: Start, world: World) -> Start:
    """Where the fields of a list's elements are looked up; raises Missing where there is no such list."""
    schema = world.schema(start.system, start.kind)
    found = schema.find(path.key)
    if found is not None and found.reverse is not None:
        inside = Start(start.system, start.kind, element=found.reverse[0])
    elif found is not None or _inside(schema, path.key):
        inside = Start(start.system, start.kind, prefix=path.key)
    else:
        raise _unknown(schema, path.key, "")
    for selector in path.steps[-1].selectors:
        chosen = resolve(selector.path, inside, world)
        _among(selector, chosen.field)
    return inside


def _follow(found: Found, path: Path, number: int, world: World) -> Found:
    """From a reference on: into the record it names, or to that record's partner."""
    if number == len(path.hops):
        return found
    kinds = found.field.kinds
    if not kinds:
        raise Missing(
            f"{found.system}.{found.kind}.{found.field.path} is no reference", "only a reference has an arrow after it"
        )
    ends: dict[str, Found] = {}
    refused: list[Missing] = []
    for kind in kinds:
        try:
            ends[kind] = _step(found, kind, path, number, world)
        except Missing as error:
            refused.append(error)
    if not ends:
        raise refused[0]
    if len({end.type for end in ends.values()}) > 1:
        listed = ", ".join(f"{end.type} in {kind}" for kind, end in ends.items())
        raise Missing(f"{path} is {listed}", "read a field that is the same in all of them")
    return next(iter(ends.values()))


def _step(found: Found, target: str, path: Path, number: int, world: World) -> Found:
    """One arrow further, in a record of this kind."""
    hop = path.hops[number]
    if hop.state:
        end = Found(found.system, target, STATE)
    elif hop.link:
        end = _partner(hop.link, found.system, target, world)
    else:
        end = _own(hop, Start(found.system, target), world)
    stepped = Found(end.system, end.kind, end.field, found.first, found.place, number + 1, found.in_parent)
    return _follow(stepped, path, number + 1, world)


def _partner(name: str, system: str, kind: str, world: World) -> Found:
    mapping = world.mappings.get(name)
    if mapping is None:
        raise Missing(f"there is no mapping `{name}`", closest(name, world.mappings))
    if (system, kind) not in (mapping.left, mapping.right):
        sides = " and ".join(".".join(side) for side in (mapping.left, mapping.right))
        raise Missing(f"`{name}` joins {sides}, but this is {system}.{kind}", "name the mapping of this kind")
    there = mapping.right if (system, kind) == mapping.left else mapping.left
    return Found(*there, Field(f"link({name})", "ref", target=there[1], note="a partner is found by matching"))


def _own(hop: Hop, start: Start, world: World) -> Found:
    """The field of one hop."""
    inside = not hop.parent
    kind = start.element if inside and start.element else start.kind
    prefix = start.prefix if inside else ""
    schema = world.schema(start.system, kind)
    if hop.label:
        found = _labelled(schema, hop.label)
        return Found(start.system, kind, found, found, found.path, in_parent=hop.parent)
    key = ".".join(step.name for step in hop.steps)
    full = f"{prefix}.{key}" if prefix else key
    field_ = schema.find(full)
    if field_ is None:
        joined = None if prefix or hop.parent else schema.find(hop.steps[0].name)
        if joined is not None and joined.reverse is not None and len(hop.steps) > 1:
            return _in_joined(hop, start, joined.reverse[0], world)
        raise _unknown(schema, full, prefix)
    _selectors(hop, schema, prefix)
    place = str(hop) if any(step.selectors for step in hop.steps) else full
    return Found(start.system, kind, field_, field_, place, in_parent=hop.parent)


def _in_joined(hop: Hop, start: Start, kind: str, world: World) -> Found:
    """A path into a list that the ledger joins (`payments.amount`): its elements are records of another kind."""
    lines_start(Path((Hop(hop.steps[:1]),)), start, world)
    end = _own(Hop(hop.steps[1:]), Start(start.system, kind), world)
    return replace(end, field=replace(end.field, note="it stands in other records"), first=None, place="")


def _selectors(hop: Hop, schema: Schema, prefix: str) -> None:
    """Every selector's own path and values; raises Missing."""
    key = prefix
    for step in hop.steps:
        key = f"{key}.{step.name}" if key else step.name
        for selector in step.selectors:
            if not selector.path.plain:
                raise Missing(f"`{selector}` looks through a reference", "such a selector may only choose lines")
            inner = f"{key}.{selector.path.key}"
            found = schema.find(inner)
            if found is None and selector.path.key == LABEL_FIELD:
                raise Missing(f"`{key}` has no labels to choose by", f"write `{key}(FIELD=VALUE)`")
            if found is None:
                raise _unknown(schema, inner, key)
            _among(selector, found)


def _among(selector: Selector, found: Field) -> None:
    for value in selector.values:
        problem = no_option(found, value)
        if problem is not None:
            raise Missing(*problem)


def no_option(found: Field, text: str) -> tuple[str, str] | None:
    """Why a text is no option of a closed list, with a hint; None where it is one. A label counts as its option."""
    if found.type != "enum" or found.open_options or not found.options:
        return None
    if any(text in option for option in found.options):
        return None
    return f"`{text}` is no option of `{found.path}`", closest(
        text, (word for option in found.options for word in option if word)
    )


def _labelled(schema: Schema, label: str) -> Field:
    found = schema.labelled(label)
    if len(found) == 1:
        return found[0]
    name = f"{schema.system}.{schema.kind}"
    if found:
        raise Missing(f"{name} has {len(found)} fields labelled ({label})", "use a path: " + ", ".join(_paths(found)))
    near = closest(f"({label})", [f"({each.label})" for each in schema.fields.values() if each.label])
    make = schema.unseen or "make it at the vendor, then: syncctl schema pull"
    raise Missing(f"{name} has no field labelled ({label})", _else(near, make))


def _unknown(schema: Schema, key: str, prefix: str) -> Missing:
    """Why a key is no field, and what may be meant."""
    name = f"{schema.system}.{schema.kind}"
    parts = _inside(schema, key)
    if parts:
        return Missing(f"`{key}` is a group of fields, not a value", "name one: " + ", ".join(parts[:5]))
    if schema.labelled(key):
        return Missing(f"{name} has no field `{key}`", f"as a label it is written ({key})")
    start = f"{prefix}." if prefix else ""
    known = [path.removeprefix(start) for path in schema.fields if path.startswith(start)]
    near = closest(key.removeprefix(start), known)
    return Missing(f"{name} has no field `{key}`", _else(near, schema.unseen) or PULL)


def _else(near: str, way: str) -> str:
    """`did you mean `(Terms)`? Otherwise make it at the vendor`; one of the two where the other is empty."""
    return f"{near}{'' if near.endswith('?') else '.'} Otherwise {way}" if near and way else near or way


def _inside(schema: Schema, key: str) -> list[str]:
    return [path for path in schema.fields if path.startswith(f"{key}.")]


def _paths(fields: Iterable[Field]) -> list[str]:
    return [each.path for each in fields]
