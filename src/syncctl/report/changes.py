"""One change as the dry run shows it: what, where, from what to what, whose word it is, what it waits for. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.model import NEW as NEW_ID
from syncctl.model import Action, Change, Edit, Ref
from syncctl.report.style import INDENT, NEW, OLD, QUIET, SIGNS, STRONG, WIDE, flow, indented, joined, two_ends
from syncctl.report.text import amount_text, field_text, in_words, money_text, read_amount, short, value_text

if TYPE_CHECKING:
    from rich.console import RenderableType

FIELD_WIDTH_MAX: Final = 30
ACTION_WIDTH: Final = 11
_ELEMENT: Final = re.compile(r"(?P<list>\w+)\([Ii]d=(?P<id>[^()]+)\)\.(?P<field>.+)")
_ABOUT: Final = re.compile(r"\w+\((?P<about>.*)\)\.(?P<field>.+)")
"""A field of a line as the planner names it, with what the line is about: `Line(Cable kit).Amount`."""
_MADE_UP: Final = re.compile(rf"\b{NEW_ID}(?P<mapping>[\w-]+)\.[0-9a-f]{{12}}\b")
LATER_VALUE: Final = "(known after apply)"
NOTHING: Final = Text()


@dataclass(frozen=True, slots=True)
class Numbered:
    """The plan's changes by intent and by target, with the number each has in the table."""

    numbers: Mapping[str, int]
    changes: Mapping[str, Change]
    targets: Mapping[Ref, Change]

    @classmethod
    def of(cls, changes: tuple[Change, ...]) -> Numbered:
        """Numbers the changes from 1 in the order they are shown."""
        return cls(
            {change.intent: number for number, change in enumerate(changes, start=1)},
            {change.intent: change for change in changes},
            {change.target: change for change in changes},
        )

    def waits(self, change: Change) -> str:
        """`waits for 3 (create Acme GmbH)`, or empty when nothing in this plan comes first."""
        parents = [self.changes[intent] for intent in change.parents if intent in self.changes]
        named = [f"{self.numbers[parent.intent]} ({parent.action} {record_name(parent)})" for parent in parents]
        return f"waits for {', '.join(named)}" if named else ""

    def value(self, shown: str) -> str:
        """A canonical value; a reference to a record that this plan creates is called by its name and number."""
        made = made_by(shown, self.targets)
        return f"{record_name(made)}, new in {self.numbers[made.intent]}" if made else without_made_up(shown)

    def source(self, change: Change) -> str:
        """The source's Ref; for one that this plan creates, its system and the number of the change that makes it."""
        if change.source is None:
            return ""
        maker = self.targets.get(change.source) if change.source.provisional else None
        if maker is None:
            return short(str(change.source))
        return f"{short(change.source.system)}, made by {self.numbers[maker.intent]}"


def made_by(shown: str, targets: Mapping[Ref, Change]) -> Change | None:
    """The change that creates the record whose made-up id a value is; None for every other value."""
    if not shown.startswith(NEW_ID):
        return None
    return next((change for ref, change in targets.items() if ref.id == shown), None)


def without_made_up(shown: str) -> str:
    """A value; where it holds the made-up id of a record that is not at hand it says of which mapping that is new."""
    return _MADE_UP.sub(r"a new record of \g<mapping>", shown) if NEW_ID in shown else shown


def named_values(changes: Iterable[Change]) -> Callable[[str], str]:
    """How values are shown where changes have no numbers: a record that one of them creates is called by its name."""
    targets = {change.target: change for change in changes if change.target.provisional}

    def value(shown: str) -> str:
        made = made_by(shown, targets)
        return f"{record_name(made)}, new in {short(made.target.system)}" if made else without_made_up(shown)

    return value


def place_of(ref: Ref) -> str:
    """A record's Ref; of one that is not made yet only where it will be."""
    return f"new in {short(ref.system)}" if ref.provisional else short(str(ref))


def grouped(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Changes by mapping, mappings in the order of their first change: the order in which they are numbered."""
    order = list(dict.fromkeys(change.mapping for change in changes))
    return tuple(sorted(changes, key=lambda change: order.index(change.mapping)))


def record_name(change: Change) -> str:
    """The record's human name, or its Ref where it has none."""
    return short(change.name, 80) or short(str(change.source or change.target))


def change_block(change: Change, numbered: Numbered, width: int, outcome: Text = NOTHING) -> RenderableType:
    """The change: its fields below the record, or beside it on a wide page. `outcome` stands behind the amount."""
    right = joined([amount_of(change), outcome])
    head = Group(two_ends(_title(change, numbered), right), indented(_place(change, numbered)))
    if width < WIDE:
        return Group(head, indented(edits_of(change, width - INDENT, numbered.value)))
    left = (width - 2) * 9 // 20
    grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
    grid.add_column(width=left, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(head, edits_of(change, width - left - 2, numbered.value))
    return grid


def _title(change: Change, numbered: Numbered) -> RenderableType:
    sign, style = SIGNS[change.action]
    action = f"{sign} {change.action}".ljust(ACTION_WIDTH)
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    number = f"{numbered.numbers[change.intent]:>2}  "
    grid.add_row(Text.assemble((number, QUIET), (action, style)), Text(record_name(change), STRONG))
    return grid


def amount_of(change: Change) -> Text:
    """`1,250.00 USD`, or `1,190.00 → 1,250.00 USD` when the change moves it."""
    if change.amount is None:
        return Text()
    before = change.amount_before
    if before is None or before == change.amount:
        return Text(money_text(change.amount))
    old = amount_text(before.amount, before.currency)
    return Text.assemble((old, OLD), (" → ", QUIET), (money_text(change.amount), NEW))


def _place(change: Change, numbered: Numbered) -> RenderableType:
    """Where the record is, where its values come from, why, and what comes first."""
    target = place_of(change.target)
    word = "owner" if _one_owner(change) else "from"
    source = f"{word} {numbered.source(change)}" if change.source else ""
    lines = [
        joined([Text(target, QUIET), Text(source, QUIET)]),
        Text(short(change.reason)),
        Text(numbered.waits(change), "yellow"),
    ]
    return Group(*(line for line in lines if line.plain))


def owner_of(edit: Edit, change: Change) -> str:
    """Whose value is written: the system it comes from, `both` for a two-way field, `once` for a first value."""
    if edit.owner in ("left", "right"):
        return short(change.source.system) if change.source else edit.owner
    return edit.owner or "once"


def _one_owner(change: Change) -> bool:
    """True when the source owns every field an update writes: said once, beside the source."""
    owned = all(edit.owner in ("left", "right") for edit in change.edits)
    return change.action is Action.UPDATE and change.source is not None and bool(change.edits) and owned


def edits_of(change: Change, width: int, value: Callable[[str], str]) -> RenderableType:
    """The fields: packed side by side for a create, one per line with old, new and difference for anything else.
    `value` says how a new value is shown."""
    edits = [replace(edit, shown=(edit.shown[0], value(edit.shown[1]))) for edit in change.edits]
    if change.action is Action.CREATE:
        return Group(*flow([_set_cell(edit) for edit in edits], width))
    return _edit_rows(change, edits, width) if edits else Group()


def _set_cell(edit: Edit) -> Text:
    return Text.assemble((f"{field_name(edit)}: ", QUIET), _new_value(edit, style=""))


def field_name(edit: Edit) -> str:
    """What the mapping calls the field, as a person reads it: `Amount` of a line, `SalesTermRef`, `(Project ID)`."""
    element = _ELEMENT.match(edit.path)
    if element is None:
        return field_text(edit.field or edit.path)
    return field_text(element["field"]).rpartition(".")[2]


def line_of(edit: Edit) -> str:
    """Which line of the record a field is in: `Line 1: Cable kit`; empty for a field of the record itself."""
    element = _ELEMENT.match(edit.path)
    if element is None:
        return ""
    about = _ABOUT.fullmatch(edit.field) if edit.field != edit.path else None
    return short(f"{element['list']} {element['id']}" + (f": {about['about']}" if about else ""))


def reason_of(edit: Edit) -> str:
    """Why the field differs; a text that is another text needs no reason."""
    return "" if edit.reason == "text" else edit.reason


def _edit_rows(change: Change, edits: Sequence[Edit], width: int) -> RenderableType:
    """One row per field; the fields of one line of the record under a heading that says which."""
    wide = width >= WIDE * 2 // 3
    names = [
        broken(f"{'  ' if line_of(edit) else ''}{field_name(edit)}", FIELD_WIDTH_MAX * (2 if wide else 1))
        for edit in edits
    ]
    size = max(len(part) for name in names for part in name.splitlines())
    blocks: list[RenderableType] = []
    for line, rows in groupby(zip(names, edits, strict=True), key=lambda row: line_of(row[1])):
        blocks += [Text(line)] if line else []
        blocks.append(_edit_grid(change, list(rows), size, width, wide=wide))
    return Group(*blocks)


def _edit_grid(
    change: Change, rows: Sequence[tuple[str, Edit]], size: int, width: int, *, wide: bool
) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=size)
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for name, edit in rows:
        owner = "" if _one_owner(change) or change.undoes else f"owner {owner_of(edit, change)}"
        words = Text(in_words(*edit.shown, edit.codec) if edit.action == "set" else "", STRONG)
        why = joined([Text(reason_of(edit)), Text(owner, QUIET)])
        if wide:
            grid.add_row(Text(name), _step(edit), words, why)
        else:
            step = _step(edit)
            fits = size + step.cell_len + words.cell_len + why.cell_len + 3 * len("  ") <= width
            grid.add_row(Text(name), joined([step, words], "  " if fits else "\n"), why)
    return grid


def broken(name: str, size: int) -> str:
    """A long field name over two lines, cut where it reads well."""
    if len(name) <= size:
        return name
    cut = max(name.rfind(mark, 0, size) for mark in (".", " ", ">")) + 1 or size
    return f"{name[:cut].rstrip()}\n{broken(name[cut:], size)}"


def _step(edit: Edit) -> Text:
    """`1,190.00 USD → 1,250.00 USD`."""
    before, after = edit.shown
    if edit.action == "add":
        return Text.assemble(("added ", QUIET), _new_value(edit))
    if edit.action == "remove":
        return Text.assemble(("removed ", QUIET), (value_text(before or after, edit.codec), OLD))
    old, new = _marked(_without_currency(before, after, edit.codec), value_text(after, edit.codec))
    if after in ("", LATER_VALUE):
        new = _new_value(edit) if after else Text("(empty)", style=NEW)
    if not before:
        old = Text("(empty)", style=QUIET)
    return Text.assemble(old, (" → ", QUIET), new)


def _without_currency(before: str, after: str, codec: str) -> str:
    """The old value; its currency is left out where the new one says the same."""
    shown = value_text(before, codec)
    old, new = read_amount(before), read_amount(after)
    same = bool(old and new and old.currency and old.currency == new.currency)
    return shown.rpartition(" ")[0] if same else shown


def _new_value(edit: Edit, style: str = NEW) -> Text:
    shown = edit.shown[1]
    if shown == LATER_VALUE:
        return Text(shown, "italic dim")
    return Text(value_text(shown, edit.codec), style)


def _marked(before: str, after: str) -> tuple[Text, Text]:
    """Old in red and new in green; in a text the part that differs is underlined, when the rest is long enough."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    old, new = Text(before, OLD), Text(after, NEW)
    if start + end >= 4 and not before[:1].isdigit():
        old.stylize("bold underline", start, len(before) - end)
        new.stylize("bold underline", start, len(after) - end)
    return old, new


def _alike(one: str, two: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
