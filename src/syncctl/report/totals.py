"""How much money a plan moves, per mapping and currency. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.guards import amounts_moved, only_bounded
from syncctl.model import Action, Change
from syncctl.report.style import QUIET, STRONG, heading
from syncctl.report.text import amount_text, short

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

MEANS: Final = "moved: the steps of all amounts, up and down, as the guards count them"


@dataclass(slots=True)
class Moved:
    """Amounts of one mapping in one currency: created, the net step of updates, voided; `size` as guards count it,
    `bounded` where a part of it is only the most that it can be."""

    created: Decimal = Decimal(0)
    updated: Decimal = Decimal(0)
    voided: Decimal = Decimal(0)
    size: Decimal = Decimal(0)
    bounded: bool = False

    def add(self, change: Change) -> None:
        """Counts one change: creates and voids in full, an update by its step where that is known."""
        if change.amount is None:
            return
        amount = change.amount.amount
        if change.action is Action.CREATE:
            self.created += amount
        elif change.action is Action.VOID:
            self.voided += amount
        elif change.action is Action.UPDATE:
            amount -= change.amount_before.amount if change.amount_before else amount
            self.updated += amount


def totals(changes: Iterable[Change]) -> dict[tuple[str, str], Moved]:
    """Per (mapping, currency) that moves anything, in the order of the plan. An amount that only the vendor will tell
    counts whole, as the guards count it, and its row is `bounded`."""
    found: dict[tuple[str, str], Moved] = {}
    for change in changes:
        if change.amount is not None:
            found.setdefault((change.mapping, change.amount.currency), Moved()).add(change)
        for money in amounts_moved(change):
            row = found.setdefault((change.mapping, money.currency), Moved())
            row.size += money.amount
            row.bounded |= only_bounded(change)
    return {key: row for key, row in found.items() if row.size}


def totals_block(changes: Iterable[Change]) -> RenderableType:
    """The table of totals; its last lines are what each currency's guard looks at."""
    moved = totals(changes)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=QUIET)
    for name in ("", "", "created", "updated", "voided", "moved"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for (mapping, currency), row in moved.items():
        amounts = (_cell(row.created, currency), _cell(row.updated, currency, signed=True), _cell(row.voided, currency))
        table.add_row(Text(f"  {short(mapping, 30)}"), Text(currency), *amounts, _moved([row], currency))
    for currency in dict.fromkeys(currency for _, currency in moved):
        rows = [row for (_, own), row in moved.items() if own == currency]
        table.add_row(Text("  all", STRONG), Text(currency, STRONG), "", "", "", _moved(rows, currency, STRONG))
    return Group(heading("TOTALS", MEANS), _Whole(table))


@dataclass(frozen=True, slots=True)
class _Whole:
    """A table of amounts; on a page that is too narrow for it one amount per line, so that none is cut."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        if self.table.__rich_measure__(console, options.update(width=10_000)).maximum <= options.max_width:
            yield self.table
            return
        names, currencies, *amounts = (list(column.cells) for column in self.table.columns)
        for row, (name, currency) in enumerate(zip(names, currencies, strict=True)):
            yield Text(f"{name} {currency}", STRONG)
            for column, cells in zip(self.table.columns[2:], amounts, strict=True):
                if str(cells[row]) not in ("", "–"):
                    yield Text(f"    {column.header} {cells[row]}")


def _moved(rows: Sequence[Moved], currency: str, style: str = "") -> Text:
    """`705.89`, or `up to 705.89` where a part of it is known only after the apply."""
    least = "up to " if any(row.bounded for row in rows) else ""
    return Text(least + amount_text(sum((row.size for row in rows), Decimal(0)), currency), style)


def _cell(amount: Decimal, currency: str, *, signed: bool = False) -> Text:
    if not amount:
        return Text("–", QUIET)
    shown = amount_text(amount, currency)
    return Text(f"+{shown}" if signed and amount > 0 else shown)
