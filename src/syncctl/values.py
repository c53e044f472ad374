"""Value forms compiled against live schemas: from a raw record to canonical values. No I/O of its own.

What lies outside the record at hand (the record a reference names, a partner in another mapping) is asked from a
`Source`; every such look is noted in `Scope.uses`, so that the ledger knows whom a change concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from syncctl.fields import Field, Schema, Undecodable, currency_reader, decode, parse_number, show
from syncctl.mapping.language import Constant, First, Form, PathValue, Sum, Template
from syncctl.model import Money, Raw, Ref, Unknown
from syncctl.paths import Hop, Path, Step, compile_read, parse_path

JOINED = "@"
"""A prefix that begins so names another kind: the line elements are records that the ledger joins."""
ANY = "any"
"""The type of a constant: it becomes whatever it is compared with or written to."""


class Source(Protocol):
    """What a value may look at beyond its own record."""

    def record(self, ref: Ref) -> Raw | None:
        """The record a reference names."""
        ...

    def pointing_here(self, system: str, kind: str, path: str, value: str) -> tuple[tuple[Ref, Raw], ...]:
        """Records of a kind whose value at `path` is `value`."""
        ...

    def partner(self, mapping: str, ref: Ref) -> Ref | None:
        """The record's partner in a mapping (the first, where there are several)."""
        ...

    def pair(self, mapping: str, ref: Ref) -> int | None:
        """The number of the record's pair in a mapping."""
        ...


@dataclass(slots=True)
class Scope:
    """Where a value is read: the record, what holds it, and the world around. `uses` collects the looks outside."""

    ref: Ref
    root: Raw
    source: Source
    uses: set[Ref] = field(default_factory=set)
    joined: dict[Ref, tuple[Any, ...]] = field(default_factory=dict)
    """Lists that the ledger joined, so that the same element is the same object however often it is read."""


@dataclass(frozen=True)
class Catalogue:
    """The live schemas of all systems, how each vendor tells a state, and the books' time zone."""

    schemas: Mapping[tuple[str, str], Schema]
    state: Callable[[Ref, Raw], str]
    time_zone: ZoneInfo
    sides: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    """Kinds that compiling looked at: what has to be pulled."""

    def schema(self, system: str, kind: str) -> Schema:
        """The schema of a kind; raises Undecodable when it was never pulled."""
        self.asked.add((system, kind))
        found = self.schemas.get((system, kind))
        if found is None:
            raise Undecodable(f"{system} has no kind {kind}")
        return found


Reader: TypeAlias = Callable[[Any, Scope], Any]
"""From a raw record or line element to a canonical value. Raises Undecodable."""


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
    read = _field_reader(found, place, system, in_parent=hop.parent)
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


def _field_reader(found: Field, place: str, system: str, *, in_parent: bool) -> Reader:
    if found.reverse is not None:
        return _reverse_reader(found, system)
    get = compile_read(parse_path(place))
    convert = _converter(found, system)

    def read(raw: Any, scope: Scope) -> Any:
        value = get(scope.root if in_parent else raw)
        if value is None:
            value = found.default or None
        if type(value) is list or type(value) is tuple:
            converted = (convert(element, scope) for element in value)
            return tuple(each for each in converted if each is not None) or None
        return convert(value, scope)

    return read


def _converter(found: Field, system: str) -> Reader:
    codec = found.codec
    if found.type == "money":
        code_of = currency_reader(found)
        return lambda raw, scope: decode(codec, raw, code_of(scope.root))
    if found.type == "ref" and found.target:
        target = found.target

        def reference(raw: Any, _scope: Scope) -> Any:
            value = decode(codec, raw)
            if isinstance(value, Unknown):  # the id of a record that this plan creates
                return value.ref
            return Ref(system, target, value) if isinstance(value, str) else value

        return reference
    return lambda raw, _scope: decode(codec, raw)


def _reverse_reader(found: Field, system: str) -> Reader:
    assert found.reverse is not None
    kind, there, here = found.reverse
    own = compile_read(parse_path(here))

    def read(_raw: Any, scope: Scope) -> Any:
        value = own(scope.root)
        if value is None:
            return None
        place = pointer(system, kind, there, str(value))
        if place not in scope.joined:
            pointing = scope.source.pointing_here(system, kind, there, str(value))
            scope.uses.add(place)
            scope.uses.update(ref for ref, _ in pointing)
            scope.joined[place] = tuple(raw for _, raw in pointing)
        return scope.joined[place] or None

    return read


def pointer(system: str, kind: str, path: str, value: str) -> Ref:
    """Stands for "whatever record of this kind has this value there": a use that also new records answer to."""
    return Ref(system, kind, f"{path}={value}")


def _own_partner(mapping: str) -> Reader:
    def read(_raw: Any, scope: Scope) -> Any:
        scope.uses.add(scope.ref)
        return scope.source.partner(mapping, scope.ref)

    return read


def _follow(read: Reader, found: Field, system: str, kind: str, rest: tuple[Hop, ...], catalogue: Catalogue) -> Located:
    """From a reference on: into the record it names, or to that record's partner."""
    if found.type != "ref" or not found.target:
        raise Undecodable(f"{system}.{kind}.{found.path} is no reference: nothing follows `->`")
    hop = rest[0]
    if hop.link:

        def partner(raw: Any, scope: Scope) -> Any:
            return _each(read(raw, scope), lambda ref: _partner_of(hop.link, ref, scope))

        return _through(partner, hop.link, (system, found.target), rest[1:], catalogue)
    inner = locate(Path(rest), system, found.target, catalogue)
    return Located(inner.type, _into(read, inner.read), inner.field)


def _partner_of(mapping: str, ref: Any, scope: Scope) -> Any:
    if not isinstance(ref, Ref):
        return ref
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
    return Located(inner.type, _into(read, inner.read), inner.field)


def _into(read: Reader, inner: Reader) -> Reader:
    """Reads a value inside each record that a reference names."""

    def through(raw: Any, scope: Scope) -> Any:
        return _each(read(raw, scope), lambda ref: _inside(ref, scope, inner))

    return through


def _inside(ref: Any, scope: Scope, inner: Reader) -> Any:
    if not isinstance(ref, Ref):
        return ref  # Unknown stays Unknown
    scope.uses.add(ref)
    raw = scope.source.record(ref)
    if raw is None:
        return None
    return inner(raw, Scope(ref, raw, scope.source, scope.uses))


def _each(value: Any, action: Callable[[Any], Any]) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        found = tuple(result for result in map(action, value) if result is not None)
        return found or None
    return action(value)


def called(ref: Ref, source: Source, catalogue: Catalogue) -> str:
    """What people call a record: the first of its schema's names that is not empty, else its id."""
    raw = source.record(ref)
    schema = catalogue.schemas.get((ref.system, ref.kind))
    if raw is None or schema is None or ref.provisional:
        return ref.id
    for name in schema.name:
        try:
            text = show(locate(parse_path(name), ref.system, ref.kind, catalogue).read(raw, Scope(ref, raw, source)))
        except Undecodable:  # a name that cannot be read is no reason not to show the record
            continue
        if text:
            return text
    return ref.id


# --- forms ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """A compiled form: its type and how it is read. `parts` are the located paths in it, for writing back.

    `bare`: the form is one path and nothing around it.
    """

    type: str
    read: Reader
    parts: tuple[Located, ...] = ()
    bare: bool = False

    @property
    def own(self) -> Field | None:
        """The field, where the form is nothing but a field of the record or line element itself."""
        if not self.bare:
            return None
        located = self.parts[0]
        elsewhere = located.in_parent or located.joined
        here = located.hops == 1 and not elsewhere and located.first is located.field
        return located.field if here and located.field is not None and located.field.reverse is None else None


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


def elements_reader(path: Path, system: str, kind: str, catalogue: Catalogue) -> Callable[[Raw, Scope], list[Any]]:
    """Reads the elements of a list of a record, its selectors applied; the list may be one that the ledger joins.

    A selector may step through a reference: `Line(SalesItemLineDetail.ItemRef->Name=Shipping)`.
    """
    steps = path.steps
    bare = Path((Hop((*steps[:-1], Step(steps[-1].name))),))
    found = catalogue.schema(system, kind).find(bare.key)
    joined = found is not None and found.reverse is not None
    get: Reader = _reverse_reader(found, system) if found and joined else _own_elements(bare)
    prefix = element_prefix(path, system, kind, catalogue)
    kept = [
        (locate(selector.path, system, kind, catalogue, prefix).read, selector.values)
        for selector in steps[-1].selectors
    ]

    def read(raw: Raw, scope: Scope) -> list[Any]:
        elements = get(raw, scope)
        if elements is None:
            return []
        listed = list(elements) if isinstance(elements, list | tuple) else [elements]
        return [
            element for element in listed if all(_chosen(reader, element, scope, values) for reader, values in kept)
        ]

    return read


def _own_elements(path: Path) -> Reader:
    get = compile_read(path)
    return lambda raw, _scope: get(raw)


def _chosen(read: Reader, element: Any, scope: Scope, values: tuple[str, ...]) -> bool:
    """True when one of the element's values there is one of these; what cannot be read is chosen by nobody."""
    try:
        return any(show(value) in values for value in _flat(read(element, scope)))
    except Undecodable:
        return False


def element_prefix(path: Path, system: str, kind: str, catalogue: Catalogue) -> str:
    """Where the fields of a list's elements are looked up: under the list's key, or in the joined records' kind."""
    found = catalogue.schema(system, kind).find(path.key)
    return f"{JOINED}{found.reverse[0]}" if found is not None and found.reverse is not None else path.key


def _compile_first(members: list[Reading]) -> Reading:
    def read(raw: Any, scope: Scope) -> Any:
        for member in members:
            value = member.read(raw, scope)
            if value is not None and value != "":
                return value
        return None

    kind = next((member.type for member in members if member.type != ANY), ANY)
    return Reading(kind, read, tuple(part for member in members for part in member.parts))


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
        amounts = [(sign, value) for sign, term in terms for value in _flat(term.read(raw, scope))]
        unknown = next((value for _, value in amounts if isinstance(value, Unknown)), None)
        return unknown if unknown is not None else add_up(amounts)

    kind = next((term.type for _, term in terms if term.type != ANY), "number")
    single = terms[0][1].parts if len(terms) == 1 else ()
    return Reading("money" if kind == "money" else "number", read, single)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for element in value:
            yield from _flat(element)
    elif value is not None:
        yield value


def add_up(amounts: list[tuple[int, Any]]) -> Money | Decimal | None:
    """A signed sum in one currency; None of nothing. Raises Undecodable over two currencies."""
    if not amounts:
        return None
    currencies = {value.currency for _, value in amounts if isinstance(value, Money)}
    if len(currencies) > 1:
        raise Undecodable(f"a sum over {' and '.join(sorted(currencies))}")
    total = sum((sign * number_of(value) for sign, value in amounts), Decimal(0))
    return Money(total, currencies.pop()) if currencies else total


def number_of(value: Any) -> Decimal:
    """The number in a canonical value. Raises Undecodable."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        return parse_number(value)
    raise Undecodable(f"not a number: {show(value)}")


def one(value: Any) -> Any:
    """The single value of a tuple of equal ones. Raises Undecodable when they differ."""
    if not isinstance(value, tuple):
        return value
    try:
        distinct = list(dict.fromkeys(value))
    except TypeError as error:
        raise Undecodable("a list of objects where one value is wanted") from error
    if len(distinct) > 1:
        raise Undecodable(f"several values where one is wanted: {', '.join(map(show, distinct[:3]))}")
    return distinct[0] if distinct else None


def local_date(value: Any, time_zone: ZoneInfo) -> date | None:
    """The accounting date of an instant in the books' time zone; a date stays as it is. Raises Undecodable."""
    if value is None:
        return None
    if isinstance(value, datetime):
        try:
            return value.astimezone(time_zone).date()
        except OverflowError as error:
            raise Undecodable(f"not a day of the calendar: {value}") from error
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        found: date | None = decode("date", value)
        return found
    raise Undecodable(f"not a date: {show(value)}")
