"""The statement a controller signs: per mapping and currency it foots to the cent. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.model import Finding, StatementLine
from syncctl.report.findings import open_list
from syncctl.report.style import BAD, GOOD, QUIET, STRONG, heading, rule, two_ends
from syncctl.report.text import amount_text, plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP: Final = 2
OTHER: Final = "other reasons"
UNEXPLAINED: Final = "unexplained"
BLANK: Final = Text()

Sides = Mapping[str, tuple[str, str]]
"""What a mapping's sides are called: `("stripe invoice", "quickbooks Invoice")`."""


def foots(line: StatementLine) -> bool:
    """left + explained + unexplained = right, to the cent."""
    return footed(line) == line.right_total


def footed(line: StatementLine) -> Decimal:
    """The left total with everything that stands between it and the right one."""
    return line.left_total + sum((amount for _, amount in line.explained), Decimal(0)) + line.unexplained


def statement_block(
    lines: Sequence[StatementLine],
    findings: Sequence[Finding] = (),
    *,
    sides: Sides,
    width: int,
    now: datetime,
    right: str = "",
) -> RenderableType:
    """The whole statement: a block per mapping, its currencies side by side, then every open finding with its age."""
    blocks: list[RenderableType] = [heading("STATEMENT", now.strftime("%d %B %Y, %H:%M UTC"), right), rule()]
    for mapping, group in groupby(lines, key=lambda line: line.mapping):
        blocks += [*_mapping_blocks(mapping, tuple(group), sides, width), BLANK]
    waiting = [finding for finding in findings if not finding.accepted]
    if waiting:
        blocks += [heading("OPEN", "oldest first", plural(len(waiting), "finding")), rule()]
        blocks += [open_list(waiting, width=width, now=now), BLANK]
    blocks.append(verdict(lines, waiting))
    return Group(*blocks)


def verdict(lines: Sequence[StatementLine], waiting: Sequence[Finding]) -> Text:
    """`in sync`, or what is left to do, in one line."""
    wrong = [line for line in lines if not foots(line)]
    if wrong:
        names = ", ".join(f"{short(line.mapping)} {line.currency}" for line in wrong)
        return Text(f"The statement does not foot: {names}. This is a defect of syncctl; please report it.", BAD)
    unexplained = [line for line in lines if line.unexplained]
    if not waiting and not unexplained:
        return Text("in sync", GOOD)
    parts = [plural(len(waiting), "open finding")] if waiting else []
    parts += [f"{amount_text(line.unexplained, line.currency)} {line.currency} unexplained" for line in unexplained]
    return Text(" · ".join(parts), STRONG)


def _mapping_blocks(mapping: str, lines: tuple[StatementLine, ...], sides: Sides, width: int) -> list[RenderableType]:
    """As many currencies side by side as fit, the rest below."""
    names = sides.get(mapping, ("left", "right"))
    columns = [_column(line) for line in lines]
    labels = [short(names[0], 40), *_reasons(lines), short(names[1], 40)]
    label = max(len(text) for text in labels) + 2 * GAP
    size = max(len(text) for column in columns for text in column)
    fit = max(1, (width - label) // (size + GAP))
    matched = f"{sum(line.matched for line in lines):,} matched"
    waiting = sum(line.open_items for line in lines)
    right = Text(f"{matched}, {waiting:,} open" if waiting else matched, QUIET)
    blocks: list[RenderableType] = [two_ends(Text(short(mapping), STRONG), right)]
    parts = [lines[start : start + fit] for start in range(0, len(lines), fit)]
    return blocks + [_columns(part, names, _reasons(lines), label, size) for part in parts]


def _column(line: StatementLine) -> list[str]:
    """Every amount a line shows, as text: they decide how wide its column is."""
    amounts = [line.left_total, line.right_total, line.unexplained, *(amount for _, amount in line.explained)]
    off = "" if foots(line) else f"off {amount_text(line.right_total - footed(line), line.currency)}"
    return [line.currency, off, *(f"+{amount_text(amount, line.currency)}" for amount in amounts)]


def _reasons(lines: Sequence[StatementLine]) -> list[str]:
    return [*dict.fromkeys(reason or OTHER for line in lines for reason, _ in line.explained), UNEXPLAINED]


def _columns(
    lines: Sequence[StatementLine], names: tuple[str, str], reasons: Sequence[str], label: int, size: int
) -> RenderableType:
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(width=label - GAP, overflow="fold")
    for _ in lines:
        table.add_column(width=size, justify="right", no_wrap=True)
    table.add_row("", *(Text(line.currency or "–", QUIET) for line in lines))
    table.add_row(Text(f"  {short(names[0], 40)}"), *(_amount(line.left_total, line) for line in lines))
    for reason in reasons:
        style = "" if reason == UNEXPLAINED else QUIET
        table.add_row(Text(f"    {reason}", style), *(_step(reason, line) for line in lines))
    table.add_row("", *(Text("─" * size, QUIET) for _ in lines))
    table.add_row(Text(f"  {short(names[1], 40)}"), *(_total(line) for line in lines))
    return table


def _step(reason: str, line: StatementLine) -> Text:
    """What a reason explains, with its sign; anything unexplained stands out."""
    if reason == UNEXPLAINED:
        return _amount(line.unexplained, line, signed=True, style=BAD if line.unexplained else "")
    amount = sum((found for own, found in line.explained if (own or OTHER) == reason), Decimal(0))
    return _amount(amount, line, signed=True)


def _amount(amount: Decimal, line: StatementLine, *, signed: bool = False, style: str = "") -> Text:
    shown = amount_text(amount, line.currency)
    return Text(f"+{shown}" if signed and amount > 0 else shown, style)


def _total(line: StatementLine) -> Text:
    """The right total; where it does not foot, also by how much."""
    shown = Text(amount_text(line.right_total, line.currency), STRONG)
    if not foots(line):
        shown.append(f"\noff {amount_text(line.right_total - footed(line), line.currency)}", BAD)
    return shown
