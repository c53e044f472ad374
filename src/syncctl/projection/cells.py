"""Cells: how the text of one entry or criterion is read, decided once. No I/O."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from syncctl.comparison import (
    BLOCKED,
    EMPTY,
    SKIPPED,
    UNKNOWN,
    UNLINKED,
    UNTRANSLATED,
    Compare,
    Translation,
    comparer,
    printable,
)
from syncctl.conditions import Check
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import Criterion, Entry, PathValue
from syncctl.model import Ref, SideName
from syncctl.paths import Path
from syncctl.shortcuts import Cell, Ways, cell_reader
from syncctl.values.forms import Reading
from syncctl.values.scope import Scope

CELL: Final = "\x1f"
LINE: Final = "\x1e"
BLOCK: Final = "\x1d"
"""What stands between two cells, two lines, and two blocks of a side's body."""
NO_VALUE: Final = frozenset((EMPTY, UNLINKED, UNTRANSLATED, UNKNOWN))
"""Marks of cells that hold nothing to match or sort by."""
FollowedLink: TypeAlias = tuple[SideName, Path, str]
"""Side, path of the reference, and mapping of the link."""


def slot_cell(check: Check | None, cell: Cell, fresh: str) -> Cell:
    """The cell of an entry, or that it does not speak. While a record is created, conditions on its side hold."""
    if check is None:
        return _readable(cell)

    def conditional(raw: Any, scope: Scope) -> str:
        return cell(raw, scope) if scope.ref.id.startswith(fresh) or check(raw, scope) else SKIPPED

    return _readable(conditional)


def _readable(cell: Cell) -> Cell:
    def readable(raw: Any, scope: Scope) -> str:
        try:
            return cell(raw, scope)
        except Undecodable as error:
            return f"{BLOCKED}{printable(str(error))}"

    return readable


def remembered(cell: Cell) -> Cell:
    """The same cell, read once per record. Only for cells of the record itself."""

    def once(raw: Any, scope: Scope) -> str:
        text = scope.texts.get(cell)
        if text is None:
            text = scope.texts[cell] = cell(raw, scope)
        return text

    return once


def followed_link(side: SideName, what: Entry | Criterion) -> FollowedLink | None:
    """The link that a cell follows, where that is one path and nothing around it."""
    form = what.left if side == "left" else what.right
    return (side, form.path, what.link) if what.link and isinstance(form, PathValue) else None


def entry_cell(side: SideName, entry: Entry, reading: Reading, table: Translation | None, ways: Ways) -> Cell:
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


def key_cell(side: SideName, criterion: Criterion, reading: Reading, table: Translation | None, ways: Ways) -> Cell:
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
