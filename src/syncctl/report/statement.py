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

from syncctl.model import Finding, Part, SideTotal, StatementLine
from syncctl.report.findings import open_list
from syncctl.report.style import BAD, GOOD, QUIET, STRONG, heading, indented, rule
from syncctl.report.text import amount_text, plural, short
from syncctl.statement import ACCEPTED, footed, foots

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP: Final = 2
NO_CURRENCY: Final = "no currency"
CORRECTING: Final = "to be corrected"
WAITING: Final = "open findings"
UNEXPLAINED: Final = "unexplained"
WORDS: Final = {ACCEPTED: "accepted with a note", "": "other reasons"}
"""Reasons whose name says more than the ledger's word."""
BLANK: Final = Text()

Sides = Mapping[str, tuple[str, str]]
"""What a mapping's sides are called: `("stripe invoice", "quickbooks Invoice")`."""


def statement_block(
    lines: Sequence[StatementLine],
    findings: Sequence[Finding] = (),
    *,
    sides: Sides,
    width: int,
    now: datetime,
    right: str = "",
    listed: bool = True,
) -> RenderableType:
    """The whole statement: a block per mapping, its currencies side by side, then every open finding with its age.

    `listed`: the findings are shown here, and not on the same page above.
    """
    blocks: list[RenderableType] = [heading("STATEMENT", now.strftime("%d %B %Y, %H:%M UTC"), right), rule()]
    for mapping, group in groupby(lines, key=lambda line: line.mapping):
        blocks += [*_mapping_blocks(mapping, tuple(group), sides, width), BLANK]
    waiting = [finding for finding in findings if not finding.accepted]
    if waiting and listed:
        blocks += [heading("OPEN", "oldest first", plural(len(waiting), "finding")), rule()]
        blocks += [open_list(waiting, width=width, now=now), BLANK]
    blocks.append(verdict(lines, waiting))
    return Group(*blocks)


def verdict(lines: Sequence[StatementLine], waiting: Sequence[Finding]) -> Text:
    """`in sync`, or what is left to do; money that nothing explains is named with its mapping."""
    wrong = [line for line in lines if not foots(line)]
    if wrong:
        names = ", ".join(f"{short(line.mapping)} {line.currency}" for line in wrong)
        return Text(f"The statement does not foot: {names}. This is a defect of syncctl; please report it.", BAD)
    correcting = sum(line.correcting.items for line in lines)
    unexplained = [line for line in lines if line.unexplained.items]
    if not (waiting or correcting or unexplained):
        return Text("in sync", GOOD)
    parts = [f"{plural(correcting, 'difference')} of amounts to be corrected"] if correcting else []
    parts += [plural(len(waiting), "open finding")] if waiting else []
    named = [f"{short(line.mapping)} {_money(line.unexplained.amount, line)}" for line in unexplained]
    parts.append(f"unexplained: {', '.join(named)}" if named else "nothing unexplained")
    return Text(" · ".join(parts), STRONG)


def _money(amount: Decimal, line: StatementLine) -> str:
    return f"{amount_text(amount, line.currency)} {line.currency or NO_CURRENCY}"


def _mapping_blocks(mapping: str, lines: tuple[StatementLine, ...], sides: Sides, width: int) -> list[RenderableType]:
    """The counts of both sides, then as many currencies side by side as fit, the rest below."""
    names = sides.get(mapping, ("left", "right"))
    rows = _rows(lines)
    columns = [_column(line) for line in lines]
    labels = [*(GAP + len(short(name, 40)) for name in names), *(2 * GAP + len(text) for text in rows.values())]
    label = max(labels) + GAP
    size = max(len(text) for column in columns for text in column)
    fit = max(1, (width - label) // (size + GAP))
    blocks: list[RenderableType] = [Text(short(mapping), STRONG)]
    blocks += [indented(_counts(name, totals, lines), GAP) for name, totals in _totals(names, lines)]
    parts = [lines[start : start + fit] for start in range(0, len(lines), fit)]
    return blocks + [_columns(part, names, rows, label, size) for part in parts]


def _totals(
    names: tuple[str, str], lines: Sequence[StatementLine]
) -> tuple[tuple[str, list[SideTotal]], tuple[str, list[SideTotal]]]:
    return (names[0], [line.left for line in lines]), (names[1], [line.right for line in lines])


def _counts(name: str, totals: Sequence[SideTotal], lines: Sequence[StatementLine]) -> Text:
    """`98 stripe invoice records: 97 matched, 1 not`, and those whose currency nobody names."""
    records, matched = sum(total.records for total in totals), sum(total.matched for total in totals)
    apart = f"{matched:,} matched, {records - matched:,} not" if matched < records else "all matched"
    said = f"{records:,} {short(name, 40)} {'record' if records == 1 else 'records'}"
    unnamed = [
        f"{total.unnamed:,} without a currency counted as {line.currency}"
        for total, line in zip(totals, lines, strict=True)
        if total.unnamed
    ]
    return Text("; ".join([f"{said}: {apart}" if records else f"no {short(name, 40)} records", *unnamed]), QUIET)


def _column(line: StatementLine) -> list[str]:
    """Every amount a line shows, as text: they decide how wide its column is."""
    amounts = [line.left.amount, line.right.amount, *(part.amount for part in line.parts)]
    off = "" if foots(line) else f"off {amount_text(line.right.amount - footed(line), line.currency)}"
    return [line.currency or NO_CURRENCY, off, *(f"+{amount_text(amount, line.currency)}" for amount in amounts)]


def _rows(lines: Sequence[StatementLine]) -> dict[str, str]:
    """What stands between the totals, as it is called: with the number of pairs and single records it is about."""
    counts: dict[str, int] = dict.fromkeys(dict.fromkeys(key for line in lines for key in _shown(line)), 0)
    for line in lines:
        for key, part in _shown(line).items():
            counts[key] += part.items
    last = {key: counts.pop(key) for key in (CORRECTING, WAITING, UNEXPLAINED) if key in counts}
    rows = {key: f"{key} ({count:,})" for key, count in (counts | last).items() if count}
    return rows | {UNEXPLAINED: rows.get(UNEXPLAINED, UNEXPLAINED)}


def _shown(line: StatementLine) -> dict[str, Part]:
    """The parts of a line by what they are called."""
    reasons = {WORDS.get(reason, reason): part for reason, part in line.explained}
    return reasons | {CORRECTING: line.correcting, WAITING: line.waiting, UNEXPLAINED: line.unexplained}


def _columns(
    lines: Sequence[StatementLine], names: tuple[str, str], rows: Mapping[str, str], label: int, size: int
) -> RenderableType:
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(width=label - GAP, overflow="fold")
    for _ in lines:
        table.add_column(width=size, justify="right", no_wrap=True)
    table.add_row("", *(Text(line.currency or NO_CURRENCY, QUIET) for line in lines))
    table.add_row(Text(f"  {short(names[0], 40)}"), *(_amount(line.left.amount, line) for line in lines))
    for key, called in rows.items():
        style = "" if key == UNEXPLAINED else QUIET
        table.add_row(Text(f"    {called}", style), *(_step(key, line) for line in lines))
    table.add_row("", *(Text("─" * size, QUIET) for _ in lines))
    table.add_row(Text(f"  {short(names[1], 40)}"), *(_total(line) for line in lines))
    return table


def _step(key: str, line: StatementLine) -> Text:
    """What a part explains, with its sign; anything unexplained stands out."""
    part = _shown(line).get(key, Part())
    style = BAD if key == UNEXPLAINED and part.items else ""
    if not part.amount:
        return Text("–", QUIET)
    shown = amount_text(part.amount, line.currency)
    return Text(f"+{shown}" if part.amount > 0 else shown, style)


def _amount(amount: Decimal, line: StatementLine) -> Text:
    return Text(amount_text(amount, line.currency))


def _total(line: StatementLine) -> Text:
    """The right total; where it does not foot, also by how much."""
    shown = Text(amount_text(line.right.amount, line.currency), STRONG)
    if not foots(line):
        shown.append(f"\noff {amount_text(line.right.amount - footed(line), line.currency)}", BAD)
    return shown
