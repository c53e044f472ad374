"""One mapping being checked against the live schemas: its surroundings, and every problem found so far. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from syncctl.fields.schema import Schema
from syncctl.mapping.language import (
    At,
    Block,
    Constant,
    Entry,
    First,
    Form,
    Mapping,
    Owner,
    PathValue,
    Sum,
    Template,
    other,
)
from syncctl.mapping.resolve import Found, Missing, Start, World, lines_start, resolve
from syncctl.model import Problem, SideName
from syncctl.paths import Path

ANY = "any"
"""The type of a constant: it becomes whatever it is compared with or written to."""
SIDES: tuple[SideName, ...] = ("left", "right")


@dataclass(frozen=True, slots=True)
class Value:
    """A form looked up: its type and the fields in it."""

    type: str
    parts: tuple[Found, ...] = ()

    @property
    def only(self) -> Found | None:
        """The field, where the form is a single one."""
        return self.parts[0] if len(self.parts) == 1 else None


@dataclass(frozen=True, slots=True)
class Starts:
    """Where the paths of both sides begin; None where that is unknown, and its problem noted."""

    left: Start | None
    right: Start | None

    def side(self, side: SideName) -> Start | None:
        """The start of one side."""
        return self.left if side == "left" else self.right


@dataclass
class Checking:
    """Collects problems. `unusable` are the places whose problem is noted: what depends on them is not reported too."""

    mapping: Mapping
    world: World
    problems: list[Problem] = field(default_factory=list)

    def problem(self, at: At, message: str, hint: str = "") -> None:
        """Notes one problem, once."""
        found = Problem(str(at), message, hint)
        if found not in self.problems:
            self.problems.append(found)

    def schema(self, side: SideName) -> Schema | None:
        """The schema of one side, None where there is none."""
        return self.world.schemas.get(self.mapping.side(side))

    def starts(self) -> Starts:
        """Where the paths of the records begin."""
        return Starts(*(Start(*self.mapping.side(side)) if self.schema(side) else None for side in SIDES))

    def block_starts(self, block: Block) -> Starts:
        """Where the paths of a block's lines begin; a list that is missing is noted."""
        record = self.starts()
        return Starts(
            record.left if block.left is None else self._lines(block.left, record.left, block.at),
            self._lines(block.right, record.right, block.at),
        )

    def _lines(self, path: Path, start: Start | None, at: At) -> Start | None:
        if start is None:
            return None
        try:
            return lines_start(path, start, self.world)
        except Missing as missing:
            self.problem(at, missing.message, missing.hint)
            return None

    def found(self, path: Path, at: At, start: Start | None) -> Found | None:
        """A path looked up; what is missing is noted."""
        if start is None:
            return None
        try:
            return resolve(path, start, self.world)
        except Missing as missing:
            self.problem(at, missing.message, missing.hint)
            return None

    def value(self, form: Form, start: Start | None) -> Value | None:
        """A form looked up; None where something in it is missing, which is noted."""
        match form:
            case Constant():
                return Value(ANY)
            case PathValue(path):
                found = self.found(path, form.at, start)
                return None if found is None else Value(found.type, (found,))
            case Template():
                parts = [self.found(path, form.at, start) for path in form.paths]
                kept = tuple(part for part in parts if part is not None)
                return Value("text", kept) if len(kept) == len(parts) else None
            case First(members):
                return _first([self.value(member, start) for member in members])
            case Sum():
                return self._sum(form, start)

    def _sum(self, form: Sum, start: Start | None) -> Value | None:
        terms = [self.value(term.value, start) for term in form.terms]
        values = [value for value in terms if value is not None]
        for value in values:
            if value.type not in ("number", "money", "text", ANY):
                self.problem(form.at, f"a {value.type} cannot be added up", "a sum takes amounts and numbers")
        kind = "money" if any(value.type == "money" for value in values) else "number"
        parts = tuple(part for value in values for part in value.parts)
        return Value(kind, parts) if len(values) == len(terms) else None


def _first(members: list[Value | None]) -> Value | None:
    values = [member for member in members if member is not None]
    if len(values) < len(members):
        return None
    kind = next((value.type for value in values if value.type != ANY), ANY)
    return Value(kind, tuple(part for value in values for part in value.parts))


# --- what is written ------------------------------------------------------------------------------------------------


def written_sides(entry: Entry) -> tuple[SideName, ...]:
    """The sides an entry writes. A value written once goes from its `owner` to the other side."""
    if entry.owner == "both":
        return SIDES
    if entry.owner == "none":
        return ()
    return SIDES if entry.empty == "fill" else (other(entry.owner),)


def created_sides(mapping: Mapping) -> tuple[SideName, ...]:
    """The sides where missing records are made."""
    if mapping.create == "both":
        return SIDES
    return () if mapping.create == "none" else (mapping.create,)


def owned_by(owner: Owner, side: SideName) -> bool:
    """True when that side has a say."""
    return owner in (side, "both")


def write_targets(form: Form) -> Iterator[PathValue]:
    """The paths that take a value written to this form; none where it cannot be written back."""
    match form:
        case PathValue():
            yield form
        case First(members):
            for member in members:
                yield from write_targets(member)
        case Template(split=split) if split:
            yield from (PathValue(path, form.at) for path in form.paths)
        case Sum(terms) if len(terms) == 1:
            yield from write_targets(terms[0].value)
        case _:
            pass


def entries_and_starts(checking: Checking) -> Iterator[tuple[Entry, Starts, Block | None]]:
    """Every entry with where its paths begin and the block it stands in."""
    record = checking.starts()
    yield from ((entry, record, None) for entry in checking.mapping.fields)
    for block in checking.mapping.lines:
        starts = checking.block_starts(block)
        yield from ((entry, starts, block) for entry in block.fields)


def names(places: Iterable[tuple[str, str]]) -> str:
    """`stripe.invoice and quickbooks.Invoice`."""
    return " and ".join(".".join(place) for place in places)
