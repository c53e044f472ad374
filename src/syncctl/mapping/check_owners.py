"""One owner per place: within a mapping, between mappings, and for markers. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from syncctl.fields.numbers import parse_number
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.checking import (
    Checking,
    entries_and_starts,
    owned_by,
    write_targets,
    written_sides,
)
from syncctl.mapping.language import At, Entry, Mapping, PathValue, Test
from syncctl.mapping.resolve import Missing, Start, World, resolve
from syncctl.model import SideName
from syncctl.paths import Path


@dataclass(frozen=True, slots=True)
class Write:
    """One place that an entry writes. `block` is the number of its block, -1 for the record itself."""

    system: str
    kind: str
    place: str
    side: SideName
    block: int
    entry: Entry


@dataclass(slots=True)
class Owners:
    """What each mapping of one world writes: looked up once, however many mappings come after it."""

    known: dict[str, tuple[Write, ...]] = field(default_factory=dict)

    def writes(self, mapping: Mapping, world: World) -> tuple[Write, ...]:
        """Every place that a mapping writes."""
        if mapping.name not in self.known:
            self.known[mapping.name] = tuple(_writes(mapping, world))
        return self.known[mapping.name]


def check_owners(checking: Checking, owners: Owners) -> None:
    """Nothing has two owners. `owners` is one for all mappings of a world."""
    own = owners.writes(checking.mapping, checking.world)
    _unreachable(checking, own)
    _shared(checking, own, owners)
    _markers(checking, own)
    _many(checking)


def _writes(mapping: Mapping, world: World) -> Iterator[Write]:
    """Every place a mapping writes; what is missing from the schemas is noted elsewhere."""
    quiet = Checking(mapping, world)
    for entry, starts, block in entries_and_starts(quiet):
        number = -1 if block is None else mapping.lines.index(block)
        for side in written_sides(entry):
            for target in write_targets(entry.form(side)):
                found = quiet.found(target.path, target.at, starts.side(side))
                if found is not None and found.place:
                    yield Write(*mapping.side(side), found.place, side, number, entry)


def _unreachable(checking: Checking, writes: Iterable[Write]) -> None:
    """Of the entries that write one place the first whose `when` holds speaks: none comes after one without `when`."""
    always: dict[tuple[SideName, int, str], Write] = {}
    for write in writes:
        key = (write.side, write.block, write.place)
        before = always.get(key)
        if before is not None and before.entry is not write.entry:
            line = before.entry.at.line
            hint = f"line {line} always decides; put this one before it with `when`, or remove one"
            checking.problem(write.entry.at, f"`{write.place}` is already written", hint)
        elif not write.entry.when:
            always[key] = write


def _shared(checking: Checking, own: Iterable[Write], owners: Owners) -> None:
    """No earlier mapping owns a place that this one owns, unless their `where` never hold for one record."""
    mine = checking.mapping
    for theirs in checking.world.mappings.values():
        if theirs.name == mine.name:
            return
        owned = {_key(theirs, write): write for write in owners.writes(theirs, checking.world) if not write.entry.once}
        for write in own:
            other = owned.get(_key(mine, write))
            if other is None or write.entry.once or _apart(mine, write.side, theirs, other.side):
                continue
            message = f"`{write.system}.{write.kind}.{write.place}` is also written by `{theirs.name}`"
            hint = f"{other.entry.at}; keep one, or tell their records apart in both `where`"
            checking.problem(write.entry.at, message, hint)


def _key(mapping: Mapping, write: Write) -> tuple[str, str, str, str]:
    """A place of a kind; inside lines also which lines, because blocks of two mappings may share a list."""
    block = None if write.block < 0 else mapping.lines[write.block]
    lines = "" if block is None else str(block.right if write.side == "right" else block.left)
    return write.system, write.kind, lines, write.place


def _apart(mine: Mapping, side: SideName, theirs: Mapping, other: SideName) -> bool:
    """True when no record passes both `where`."""
    return any(
        _exclusive(first, second) or _exclusive(second, first)
        for first in mine.where.side(side)
        for second in theirs.where.side(other)
        if str(first.path) == str(second.path)
    )


def _exclusive(first: Test, second: Test) -> bool:
    """True when two tests of one path never hold together; seen for the plain cases only."""
    one, two = set(first.values), set(second.values)
    match first.test, first.negated, second.test, second.negated:
        case "in", False, "in", False:
            return not one & two
        case "in", False, "in", True:
            return one <= two
        case "present", False, "present", False:
            return one != two
        case "over", False, "under" | "in", False:
            numbers = [_number(value) for value in two]
            return all(value is not None and value <= Decimal(first.values[0]) for value in numbers)
        case "under", False, "in", False:
            numbers = [_number(value) for value in two]
            return all(value is not None and value >= Decimal(first.values[0]) for value in numbers)
        case "from", False, "until", False:
            return first.values[0] > second.values[0]
        case _:
            return False


def _number(text: str) -> Decimal | None:
    try:
        return parse_number(text)
    except Undecodable:
        return None


def _markers(checking: Checking, writes: Iterable[Write]) -> None:
    """A field that carries markers is written by nothing else."""
    marked = dict(_marked(checking.world))
    for write in writes:
        found = marked.get((write.system, write.kind, write.place)) if write.block < 0 else None
        if found is not None:
            name, at = found
            message = f"`{write.place}` carries the marker of `{name}`, and nothing else may write it"
            checking.problem(write.entry.at, message, f"see {at}; write into another field")


def _marked(world: World) -> Iterator[tuple[tuple[str, str, str], tuple[str, At]]]:
    for mapping in world.mappings.values():
        sides: tuple[SideName, ...] = ("left", "right")
        for side in sides:
            form = mapping.marker.side(side)
            place = _place(form.path, mapping, side, world) if isinstance(form, PathValue) else ""
            if form is not None and place:
                yield (*mapping.side(side), place), (mapping.name, form.at)


def _place(path: Path, mapping: Mapping, side: SideName, world: World) -> str:
    try:
        return resolve(path, Start(*mapping.side(side)), world).place
    except Missing:
        return ""


def _many(checking: Checking) -> None:
    """Where several records share a partner, none of them can decide its fields."""
    many = checking.mapping.many
    if not many:
        return
    for entry, _, _ in entries_and_starts(Checking(checking.mapping, checking.world)):
        if not entry.once and owned_by(entry.owner, many):
            message = f"several {many} records may share one partner, so none of them owns `{entry.name}`"
            checking.problem(entry.at, message, f"owner: {'right' if many == 'left' else 'left'}, or owner: none")
