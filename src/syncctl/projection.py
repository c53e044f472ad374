"""A mapping compiled: from a raw record to its canonical side, one text over all mapped fields. No I/O.

A side's body is cells: one per slot, then the lines of each block. Equal bodies mean nothing differs; everything else
is looked at cell by cell (diff.py). A slot is one entry; of entries that write one place, the first whose conditions
hold speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from syncctl.comparison import (
    BLOCKED,
    EMPTY,
    SKIPPED,
    UNKNOWN,
    UNLINKED,
    UNTRANSLATED,
    Compare,
    Translation,
    common_type,
    comparer,
    printable,
    translation,
)
from syncctl.conditions import Check, compile_tests
from syncctl.errors import ConfigError
from syncctl.fields import Undecodable, show
from syncctl.mapping.compare import AS_FUNCTIONS
from syncctl.mapping.language import Block, Conditions, Criterion, Entry, PathValue, Rule
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import NEW, Problem, Raw, Ref, SideName, digest
from syncctl.paths import Path, parse_path
from syncctl.shortcuts import AmountReader, Cell, Ways, amount_reader, cell_reader, shown_reader
from syncctl.values import (
    Catalogue,
    Reading,
    Scope,
    compile_form,
    element_prefix,
    elements_reader,
)

CELL: Final = "\x1f"
LINE: Final = "\x1e"
BLOCK: Final = "\x1d"
MARKER: Final = re.compile(r"\bsyncctl (\S+:\S+:\S+)")
"""How a record that this tool made names its source."""
_NO_KEY: Final = frozenset((EMPTY, UNLINKED, UNTRANSLATED, UNKNOWN))
RULES_MAX: Final = 8
"""Every rule has an indexed column of its own in the ledger (`MATCH_KEYS`)."""
SIDES: Final[tuple[SideName, SideName]] = ("left", "right")
OUT: Final = {"left": 1, "right": 2}
"""The hash of a record that is out of scope: unlike any partner's, so that the pair is always looked at."""


NO_PREFIX: Final[Mapping[str, str]] = {"left": "", "right": ""}


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell: one entry, compiled. `after` are the numbers of earlier slots that write the same place: while one of
    them speaks, this one is silent. `name` tells it from all others that can speak beside it.
    """

    entry: Entry
    name: str
    left: Reading
    right: Reading
    left_check: Check | None
    right_check: Check | None
    common: str
    table: Translation | None
    raw_compare: Compare
    left_cell: Cell
    right_cell: Cell
    after: tuple[int, ...] = ()

    def reading(self, side: SideName) -> Reading:
        """The compiled form of one side."""
        return self.left if side == "left" else self.right

    def speaks(self, side: SideName, raw: Any, scope: Scope) -> bool:
        """Whether the entry speaks, as far as this side can tell."""
        check = self.left_check if side == "left" else self.right_check
        return check is None or check(raw, scope)

    def cell(self, side: SideName, raw: Any, scope: Scope) -> str:
        """The cell of one side; an unreadable value becomes a BLOCKED cell with the reason."""
        return self.left_cell(raw, scope) if side == "left" else self.right_cell(raw, scope)


def speaking(slots: Sequence[Slot], side: SideName, raw: Any, scope: Scope) -> Iterator[tuple[int, Slot]]:
    """The slots that speak, with their numbers, as far as one side can tell: all of what a new record is made from."""
    spoken: set[int] = set()
    for number, slot in enumerate(slots):
        if spoken.isdisjoint(slot.after) and slot.speaks(side, raw, scope):
            spoken.add(number)
            yield number, slot


def _alternatives(entries: Sequence[Entry]) -> list[tuple[int, ...]]:
    """For each entry the earlier ones that write what it writes, or join the same two places under another owner."""
    found: list[tuple[int, ...]] = []
    by_place: dict[tuple[str, ...], list[int]] = {}
    for number, entry in enumerate(entries):
        left, right = ("left", str(entry.left)), ("right", str(entry.right))
        written = {"left": [right], "right": [left], "both": [left, right], "none": []}[entry.owner]
        places: list[tuple[str, ...]] = [*written, (*left, *right)]
        found.append(tuple(sorted({earlier for place in places for earlier in by_place.get(place, ())})))
        for place in places:
            by_place.setdefault(place, []).append(number)
    return found


def _slot_cell(check: Check | None, cell: Cell, fresh: str) -> Cell:
    """The cell of an entry, or that it does not speak. While a record is created, conditions on its side hold."""
    readable = _readable(cell)
    if check is None:
        return readable

    def conditional(raw: Any, scope: Scope) -> str:
        return readable(raw, scope) if scope.ref.id.startswith(fresh) or check(raw, scope) else SKIPPED

    return conditional


def ref_is_fresh(ref: Ref, mapping: str) -> bool:
    """True for a record that this mapping is creating."""
    return ref.id.startswith(f"{NEW}{mapping}.")


def fresh_id(mapping: str, source: str) -> str:
    """The made-up id of a record that a mapping creates from a source."""
    return f"{NEW}{mapping}.{digest(mapping, source)[:12]}"


def _readable(cell: Cell) -> Cell:
    def readable(raw: Any, scope: Scope) -> str:
        try:
            return cell(raw, scope)
        except Undecodable as error:
            return f"{BLOCKED}{printable(str(error))}"

    return readable


def _entry_cell(side: SideName, entry: Entry, reading: Reading, table: Translation | None, ways: Ways) -> Cell:
    """How the cell of one entry is read, decided once."""
    read = reading.read
    if entry.once:
        return lambda raw, scope: _once(read(raw, scope))
    if entry.link:
        link = entry.link
        return lambda raw, scope: linked_cell(link, read(raw, scope), scope)
    if table is not None and side == "left":
        plain = comparer("text", ways.time_zone)
        return lambda raw, scope: _translated(entry, table, read(raw, scope), plain, ways.compare)
    return cell_reader(reading, ways)


def _translated(entry: Entry, table: Translation, value: Any, plain: Compare, compare: Compare) -> str:
    if value is None:
        return EMPTY
    text = plain(value)
    if entry.owner == "right" and text not in table.forward:
        return f"{UNTRANSLATED}{text}"  # what stands there now need not be in the table: it is about to be overwritten
    return compare(table.to_right(text))


def _once(value: Any) -> str:
    """Written while the target is empty, then never compared: the cell only says whether there is something."""
    return EMPTY if value is None or value == "" else "set"


def linked_cell(mapping: str, value: Any, scope: Scope) -> str:
    """A reference by the number of its pair in another mapping."""
    if value is None:
        return EMPTY
    if isinstance(value, tuple):
        return ",".join(sorted(linked_cell(mapping, element, scope) for element in value))
    if not isinstance(value, Ref):
        raise Undecodable(f"not a reference: {show(value)}")
    scope.uses.add(value)
    number = scope.source.pair(mapping, value)
    return f"{UNLINKED}{printable(str(value))}" if number is None else f"p{number}"


@dataclass(frozen=True, slots=True)
class Lines:
    """One compiled block. `elements` are those of a side that it speaks of; `name` tells it from all others."""

    block: Block
    name: str
    slots: tuple[Slot, ...]
    rules: tuple[Key, ...]
    left_elements: Callable[[Raw, Scope], list[Any]] | None
    right_elements: Callable[[Raw, Scope], list[Any]]
    left_check: Check | None
    right_check: Check | None

    def elements(self, side: SideName, raw: Raw, scope: Scope) -> list[Any]:
        """The elements of one side that this block speaks of. Without `left`, the record is its own single line."""
        check = self.left_check if side == "left" else self.right_check
        reader = self.left_elements if side == "left" else self.right_elements
        found = [raw] if reader is None else reader(raw, scope)
        return found if check is None else [element for element in found if check(element, scope)]


@dataclass(frozen=True, slots=True)
class Key:
    """A compiled match rule: the exact criteria make an indexed key, the others look at each candidate.

    `marker` is set on the rule that a mapping's marker makes: the side that carries it, and how it is read.
    """

    name: str
    rule: Rule | None
    left: tuple[tuple[Criterion, Reading, Compare, Translation | None], ...]
    right: tuple[tuple[Criterion, Reading, Compare, Translation | None], ...]
    left_cells: tuple[Cell, ...] = ()
    right_cells: tuple[Cell, ...] = ()
    marker: tuple[SideName, Reading] | None = None

    def text(self, side: SideName, raw: Raw, scope: Scope) -> str | None:
        """The key, or None where one of its parts is empty: empty never equals empty."""
        if self.marker is not None:
            return self._marked(side, raw, scope)
        cells = []
        try:
            for read in self.left_cells if side == "left" else self.right_cells:
                cell = read(raw, scope)
                if not cell or cell[0] in _NO_KEY:
                    return None
                cells.append(cell)
        except Undecodable:
            return None  # what cannot be read matches nothing by this rule; the field itself reports it
        return CELL.join(cells) or None

    @property
    def fuzzy(self) -> bool:
        """True when no criterion is exact: the key is then the text to compare by likeness."""
        return self.marker is None and not any(criterion.exact for criterion, *_ in self.left)

    @property
    def residual(self) -> bool:
        """True when each candidate must be looked at."""
        return self.marker is None and not all(criterion.exact for criterion, *_ in self.left)

    def _marked(self, side: SideName, raw: Raw, scope: Scope) -> str | None:
        assert self.marker is not None
        marked, reading = self.marker
        if side != marked:
            return str(scope.ref)
        try:
            found = MARKER.search(show(reading.read(raw, scope)))
        except Undecodable:
            return None
        return found.group(1).rstrip(".,;:)") if found else None


def _key_cell(side: SideName, criterion: Criterion, reading: Reading, table: Translation | None, ways: Ways) -> Cell:
    """How the text of one criterion is read, decided once."""
    read, compare = reading.read, ways.compare
    if criterion.link:
        link = criterion.link
        return lambda raw, scope: linked_cell(link, read(raw, scope), scope)
    if table is not None and side == "left":
        forward = table.to_right

        def translated(raw: Any, scope: Scope) -> str:
            value = read(raw, scope)
            return compare(value if value is None else forward(compare(value)))

        return translated
    return cell_reader(reading, ways)


class Side(NamedTuple):
    """A record as a mapping sees it. `scope` is empty while the record takes part, else why not: filtered, before,
    void, archived, deleted. `amount` is in millionths.
    """

    scope: str
    hash: int
    body: str
    keys: tuple[str | None, ...]
    amount: int | None
    currency: str
    dated: str
    name: str
    uses: frozenset[Ref]


@dataclass(frozen=True)
class Projection:
    """One mapping compiled against the live schemas."""

    mapping: MappingFile
    catalogue: Catalogue
    slots: tuple[Slot, ...]
    lines: tuple[Lines, ...]
    rules: tuple[Key, ...]
    where: dict[str, Check | None]
    dated: dict[str, Cell | None]
    amount: dict[str, AmountReader | None]
    names: dict[str, tuple[Cell, ...]]
    cells: dict[str, tuple[Cell, ...]]

    def project(self, side: SideName, ref: Ref, raw: Raw, source: Any, gone: str) -> Side:
        """One record of one side, canonical."""
        scope = Scope(ref, raw, source)
        dated = self._dated(side, raw, scope)
        standing = self._standing(side, raw, scope, gone, dated)
        body = self.body(side, raw, scope)
        amount, currency = self.amount_of(side, raw, scope)
        keys = tuple(rule.text(side, raw, scope) for rule in self.rules)
        name = self.name(side, raw, scope)
        # SQLite integers are signed 64 bit. Records that do not take part never equal their partner.
        fingerprint = (
            OUT[side]
            if standing
            else int.from_bytes(blake2b(body.encode(), digest_size=8).digest(), "big", signed=True)
        )
        return Side(standing, fingerprint, body, keys, amount, currency, dated, name, frozenset(scope.uses))

    def body(self, side: SideName, raw: Raw, scope: Scope) -> str:
        """All cells: the slots, then per block its lines, sorted, because the order of lines says nothing."""
        cells = CELL.join([cell(raw, scope) for cell in self.cells[side]])
        if not self.lines:
            return cells
        blocks = [
            LINE.join(sorted(CELL.join([slot.cell(side, line, scope) for slot in block.slots]) for line in lines))
            for block, lines in self.claimed(side, raw, scope)
        ]
        return BLOCK.join([cells, *blocks])

    def claimed(self, side: SideName, raw: Raw, scope: Scope) -> list[tuple[Lines, list[Any]]]:
        """The elements of each block; an element belongs to the first block that fits it."""
        taken: set[int] = set()  # by identity: twins are different elements
        result = []
        for block in self.lines:
            mine = [
                element for element in block.elements(side, raw, scope) if element is raw or id(element) not in taken
            ]
            taken.update(map(id, mine))
            result.append((block, mine))
        return result

    def _standing(self, side: SideName, raw: Raw, scope: Scope, gone: str, dated: str) -> str:
        if gone:
            return "deleted"
        if ref_is_fresh(scope.ref, self.mapping.name):
            return ""
        state = self.catalogue.state(scope.ref, raw)
        if state in ("void", "archived", "deleted"):
            return state
        check = self.where[side]
        if check is not None and not check(raw, scope):
            return "filtered"
        if self.mapping.from_ is not None and dated and dated < self.mapping.from_.isoformat():
            return "before"
        return ""

    def _dated(self, side: SideName, raw: Raw, scope: Scope) -> str:
        read = self.dated[side]
        if read is None:
            return ""
        try:
            found = read(raw, scope)
        except Undecodable:
            return ""
        return found if found[0] not in _NO_KEY else ""

    def amount_of(self, side: SideName, raw: Raw, scope: Scope) -> tuple[int | None, str]:
        """The amount in millionths and its currency; (None, "") where there is none."""
        read = self.amount[side]
        if read is None:
            return None, ""
        try:
            return read(raw, scope)
        except Undecodable:
            return None, ""

    def name(self, side: SideName, raw: Raw, scope: Scope) -> str:
        """The record's human name, or its id."""
        for read in self.names[side]:
            try:
                text = read(raw, scope)
            except Undecodable:
                continue
            if text:
                return text
        return scope.ref.id


# --- compiling --------------------------------------------------------------------------------------------------------


def compile_mapping(mapping: MappingFile, catalogue: Catalogue) -> Projection:
    """Compiles a mapping; raises ConfigError with the place of what the live schemas lack."""
    builder = _Builder(mapping, catalogue)
    projection = builder.build()
    if builder.problems:
        raise ConfigError(f"mapping {mapping.name} does not fit the live schemas", builder.problems)
    return projection


class _Builder:
    """Collects every problem of one mapping while it compiles."""

    def __init__(self, mapping: MappingFile, catalogue: Catalogue) -> None:
        self.mapping = mapping
        self.catalogue = catalogue
        self.problems: list[Problem] = []

    def build(self) -> Projection:
        rules = (*self.markers(), *(self.key(rule) for rule in self.mapping.match))
        if len(rules) > RULES_MAX:
            message = f"{len(rules)} ways to match, the marker among them; the ledger has room for {RULES_MAX}"
            self.problems.append(Problem(str(self.mapping.at), message, "join rules, or take the weakest out"))
        slots = self.slots(self.mapping.fields, NO_PREFIX)
        return Projection(
            self.mapping,
            self.catalogue,
            slots,
            tuple(self.block(block, number) for number, block in enumerate(self.mapping.lines)),
            rules,
            {side: self.check(self.mapping.where, side, "") for side in SIDES},
            {side: self.dated(side) for side in SIDES},
            {side: self.amount(side) for side in SIDES},
            {side: self.names(side) for side in SIDES},
            {"left": tuple(slot.left_cell for slot in slots), "right": tuple(slot.right_cell for slot in slots)},
        )

    def markers(self) -> tuple[Key, ...]:
        """The match rule that a marker makes: it comes first."""
        made = []
        for side in SIDES:
            form = self.mapping.marker.side(side)
            if form is not None:
                reading = compile_form(form, *self.mapping.side(side), self.catalogue)
                made.append(Key("marker", None, (), (), marker=(side, reading)))
        return tuple(made)

    def slots(self, entries: Sequence[Entry], prefix: Mapping[str, str]) -> tuple[Slot, ...]:
        after = _alternatives(entries)
        names = _names(entries, after)
        made = (self.slot(entry, names[number], after[number], prefix) for number, entry in enumerate(entries))
        return tuple(slot for slot in made if slot is not None)

    def slot(self, entry: Entry, name: str, after: tuple[int, ...], prefix: Mapping[str, str]) -> Slot | None:
        try:
            left, right = self.form(entry, "left", prefix["left"]), self.form(entry, "right", prefix["right"])
        except Undecodable as error:
            self.problems.append(Problem(str(entry.at), str(error)))
            return None
        common = common_type(left.type, right.type)
        if entry.values is not None:
            common = "text" if right.type in ("enum", "text") else common_type("any", right.type)
        table = _table(entry.values, left, right)
        left_check, right_check = (self.check(entry.when, side, prefix[side]) for side in SIDES)
        ways, fresh = self.ways(common, entry.as_), f"{NEW}{self.mapping.name}."
        return Slot(
            entry,
            name,
            left,
            right,
            left_check,
            right_check,
            common,
            table,
            comparer("text", self.catalogue.time_zone),
            _slot_cell(left_check, _entry_cell("left", entry, left, table, ways), fresh),
            _slot_cell(right_check, _entry_cell("right", entry, right, table, ways), fresh),
            after,
        )

    def ways(self, common: str, normalise: str) -> Ways:
        """How values of two fields are compared."""
        function = AS_FUNCTIONS.get(normalise)
        return Ways(common, comparer(common, self.catalogue.time_zone, function), self.catalogue.time_zone, function)

    def form(self, entry: Entry, side: SideName, prefix: str) -> Reading:
        system, kind = self.mapping.side(side)
        return compile_form(entry.form(side), system, kind, self.catalogue, prefix)

    def block(self, block: Block, number: int) -> Lines:
        twin = any(str(earlier.right) == str(block.right) for earlier in self.mapping.lines[:number])
        left_prefix = "" if block.left is None else self.prefix(block.left, "left")
        prefix = {"left": left_prefix, "right": self.prefix(block.right, "right")}
        left_elements = None
        if block.left is not None:
            left_elements = elements_reader(block.left, *self.mapping.left, self.catalogue)
        return Lines(
            block,
            f"{block.right} (block {number + 1})" if twin else str(block.right),
            self.slots(block.fields, prefix),
            tuple(self.key(rule, prefix) for rule in block.match),
            left_elements,
            elements_reader(block.right, *self.mapping.right, self.catalogue),
            self.check(block.when, "left", left_prefix),
            self.check(block.when, "right", prefix["right"]),
        )

    def prefix(self, path: Path, side: SideName) -> str:
        return element_prefix(path, *self.mapping.side(side), self.catalogue)

    def check(self, conditions: Conditions, side: SideName, prefix: str) -> Check | None:
        tests = conditions.side(side)
        if not tests:
            return None
        try:
            return compile_tests(tests, *self.mapping.side(side), self.catalogue, prefix)
        except Undecodable as error:
            self.problems.append(Problem(str(tests[0].at), str(error)))
            return None

    def key(self, rule: Rule, prefix: Mapping[str, str] = NO_PREFIX) -> Key:
        left, right = [], []
        left_cells: list[Cell] = []
        right_cells: list[Cell] = []
        fuzzy = not any(criterion.exact for criterion in rule.criteria)
        if fuzzy and not any(criterion.similar for criterion in rule.criteria):
            message = "nothing in this rule is equal or alike: it would compare every record with every other"
            self.problems.append(Problem(str(rule.at), message, "add a pair that is equal, or one with `similar`"))
        for criterion in rule.criteria:
            try:
                here = compile_form(criterion.left, *self.mapping.left, self.catalogue, prefix["left"])
                there = compile_form(criterion.right, *self.mapping.right, self.catalogue, prefix["right"])
            except Undecodable as error:
                self.problems.append(Problem(str(criterion.at), str(error)))
                continue
            table = _table(criterion.values, here, there)
            common = "text" if table else common_type(here.type, there.type)
            ways = self.ways(common, criterion.as_)
            left.append((criterion, here, ways.compare, table))
            right.append((criterion, there, ways.compare, table))
            if criterion.exact or (fuzzy and criterion.similar and not left_cells):
                left_cells.append(_key_cell("left", criterion, here, table, ways))
                right_cells.append(_key_cell("right", criterion, there, table, ways))
        return Key(rule.name, rule, tuple(left), tuple(right), tuple(left_cells), tuple(right_cells))

    def dated(self, side: SideName) -> Cell | None:
        reading = self.default("dated", side)
        return None if reading is None else cell_reader(reading, self.ways("date", ""))

    def amount(self, side: SideName) -> AmountReader | None:
        reading = self.default("amount", side)
        return None if reading is None else amount_reader(reading)

    def default(self, what: str, side: SideName) -> Reading | None:
        """The mapping's `dated` or `amount` of a side, else the connector's."""
        form = (self.mapping.dated if what == "dated" else self.mapping.amount).side(side)
        system, kind = self.mapping.side(side)
        if form is None:
            named = getattr(self.catalogue.schema(system, kind), what)
            if not named:
                return None
            form = PathValue(parse_path(named), self.mapping.at)
        try:
            return compile_form(form, system, kind, self.catalogue)
        except Undecodable as error:
            self.problems.append(Problem(str(form.at), str(error)))
            return None

    def names(self, side: SideName) -> tuple[Cell, ...]:
        system, kind = self.mapping.side(side)
        schema = self.catalogue.schema(system, kind)
        forms = [PathValue(parse_path(name), self.mapping.at) for name in schema.name]
        return tuple(shown_reader(compile_form(form, system, kind, self.catalogue)) for form in forms)


def _names(entries: Sequence[Entry], after: Sequence[tuple[int, ...]]) -> list[str]:
    """What people and the ledger call each entry: two that can speak at once never have one name."""
    names: list[str] = []
    holders: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        choices = (entry.name, f"{entry.left} = {entry.right}", f"{entry.name} (entry {number + 1})")
        name = next(name for name in choices if set(holders.get(name, ())) <= set(after[number]))
        names.append(name)
        holders.setdefault(name, []).append(number)
    return names


def _table(values: Any, left: Reading, right: Reading) -> Translation | None:
    if values is None:
        return None
    here = left.parts[0].field if left.parts else None
    there = right.parts[0].field if right.parts else None
    return translation(values, here, there)
