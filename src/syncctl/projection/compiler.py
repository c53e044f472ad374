"""The compiler: a mapping and the live schemas to a Projection, with every problem on the way. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from syncctl.comparison import Translation, common_type, comparer, translation
from syncctl.conditions import Check, compile_tests
from syncctl.errors import ConfigError
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.compare import AS_FUNCTIONS
from syncctl.mapping.language import Block, Conditions, Criterion, Entry, PathValue, Rule
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import NEW, Problem, SideName
from syncctl.paths import Path, parse_path
from syncctl.projection.cells import FollowedLink, entry_cell, followed_link, key_cell, remembered, slot_cell
from syncctl.projection.entries import alternatives, names_of
from syncctl.projection.keys import RULES_MAX, Key
from syncctl.projection.lines import Lines
from syncctl.projection.projection import Projection
from syncctl.projection.side import SIDES
from syncctl.projection.slots import Slot
from syncctl.shortcuts import AmountReader, Cell, Ways, amount_reader, cell_reader, shown_reader
from syncctl.values.elements import element_prefix, elements_reader
from syncctl.values.forms import Reading, compile_form
from syncctl.values.scope import Catalogue

NO_PREFIX: Final[Mapping[str, str]] = {"left": "", "right": ""}


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
        self.links_of_keys: dict[FollowedLink, Cell] = {}

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
            _cells(slots),
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
        after = alternatives(entries)
        names = names_of(entries, after)
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
        left_cell = entry_cell("left", entry, left, table, ways)
        right_cell = entry_cell("right", entry, right, table, ways)
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
            slot_cell(left_check, self.link_of_a_key("left", entry, left_cell, prefix), fresh),
            slot_cell(right_check, self.link_of_a_key("right", entry, right_cell, prefix), fresh),
            after,
        )

    def link_of_a_key(self, side: SideName, entry: Entry, cell: Cell, prefix: Mapping[str, str]) -> Cell:
        """The cell of an entry; a key's where both follow one link."""
        link = None if entry.once or prefix[side] else followed_link(side, entry)
        return cell if link is None else self.links_of_keys.get(link, cell)

    def link_for_keys(self, side: SideName, criterion: Criterion, cell: Cell, prefix: Mapping[str, str]) -> Cell:
        """The cell of a criterion; a link is followed once per record, however many keys and entries ask."""
        link = None if prefix[side] else followed_link(side, criterion)
        return cell if link is None else self.links_of_keys.setdefault(link, remembered(cell))

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
        slots = self.slots(block.fields, prefix)
        return Lines(
            block,
            f"{block.right} (block {number + 1})" if twin else str(block.right),
            slots,
            tuple(self.key(rule, prefix) for rule in block.match),
            left_elements,
            elements_reader(block.right, *self.mapping.right, self.catalogue),
            self.check(block.when, "left", left_prefix),
            self.check(block.when, "right", prefix["right"]),
            _cells(slots),
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
                left_cell = key_cell("left", criterion, here, table, ways)
                right_cell = key_cell("right", criterion, there, table, ways)
                left_cells.append(self.link_for_keys("left", criterion, left_cell, prefix))
                right_cells.append(self.link_for_keys("right", criterion, right_cell, prefix))
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


def _cells(slots: Sequence[Slot]) -> dict[str, tuple[Cell, ...]]:
    """The cells of each side in the order of the slots."""
    return {"left": tuple(slot.left_cell for slot in slots), "right": tuple(slot.right_cell for slot in slots)}


def _table(values: Any, left: Reading, right: Reading) -> Translation | None:
    if values is None:
        return None
    here = left.parts[0].field if left.parts else None
    there = right.parts[0].field if right.parts else None
    return translation(values, here, there)
