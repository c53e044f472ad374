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

from syncctl.model import Finding
from syncctl.report.as_of import Pulled, as_of_text, stale_text
from syncctl.report.findings import accepted_list, counted_findings, on_hold, open_list, staying, to_be_corrected
from syncctl.report.statement_counts import counted
from syncctl.report.statement_rows import NOT_COMPARED, ON_HOLD, Row, higher, mixed, rows_of
from syncctl.report.style import BAD, GOOD, QUIET, STRONG, WARN, heading, indented, rule
from syncctl.report.text import amount_text, plural, short
from syncctl.statement import footed, foots
from syncctl.statement_line import Counts, Part, SideTotal, StatementLine

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP: Final = 2
LABEL_MIN: Final = 12
NO_CURRENCY: Final = "no currency"
BRACKETS: Final = "(n): pairs and single records. One finding may name several, or no amount."
BLANK: Final = Text()

Sides = Mapping[str, tuple[str, str]]
"""What a mapping's sides are called: `("stripe invoice", "quickbooks Invoice")`."""


def statement_block(
    lines: Sequence[StatementLine],
    findings: Sequence[Finding],
    *,
    sides: Sides,
    width: int,
    now: datetime,
    right: str = "",
    pulled: Pulled | None = None,
    listed: bool = True,
) -> RenderableType:
    """The whole statement: a block per mapping, its currencies side by side, every open finding with its age, and what
    was accepted, by whom and why.

    `pulled`: the ledger alone was read, and the statement is as old as these pulls. `listed`: the findings
    are shown here, and not on the same page above.
    """
    dated = as_of_text(pulled) if pulled else now.strftime("%d %B %Y, %H:%M UTC")
    blocks: list[RenderableType] = [heading("STATEMENT", dated, right), rule()]
    if pulled and (old := stale_text(pulled, now)):
        blocks += [Text(old, WARN), BLANK]
    for mapping, group in groupby(lines, key=lambda line: line.mapping):
        blocks += [*_mapping_blocks(mapping, tuple(group), sides, width), BLANK]
    waiting = [finding for finding in findings if finding.open and not finding.stays]
    if waiting and listed:
        blocks += [heading("OPEN", "oldest first", plural(len(waiting), "finding")), rule()]
        blocks += [open_list(waiting, width=width, now=now), BLANK]
    if listed:
        blocks += staying(findings, width=width, now=now)
        blocks += to_be_corrected(findings, width=width, now=now)
    blocks += on_hold(findings, width=width, now=now)
    accepted = [finding for finding in findings if finding.accepted and not finding.on_hold]
    if accepted:
        blocks += [
            heading("ACCEPTED", "with a note, until the record changes", plural(len(accepted), "finding")),
            rule(),
        ]
        blocks += [*accepted_list(accepted, now), BLANK]
    if any(part.items for line in lines for part in line.parts):
        blocks.append(Text(BRACKETS, QUIET))
    blocks.append(verdict(lines, findings))
    return Group(*blocks)


def verdict(lines: Sequence[StatementLine], findings: Sequence[Finding]) -> Text:
    """`in sync`, or what is left to do; money that nothing explains is named with its mapping."""
    wrong = [line for line in lines if not foots(line)]
    if wrong:
        names = ", ".join(f"{short(line.mapping)} {line.currency}" for line in wrong)
        return Text(f"The statement does not foot: {names}. This is a defect of syncctl; please report it.", BAD)
    correcting = sum(line.correcting.items for line in lines)
    unexplained = [line for line in lines if line.unexplained.items]
    ignored = sum(part.items for line in lines for part in line.left_out)
    ignored += sum(counts.left.left_out + counts.right.left_out for counts in _all_counts(lines))
    apart = sum(counts.open for counts in _all_counts(lines))
    held = sum(one.on_hold for one in findings)
    rest = [f"{plural(held, 'finding')} {ON_HOLD}"] if held else []
    rest += [f"{plural(ignored, 'record')} not compared"] if ignored else []
    counts = counted_findings(findings)
    if not (counts or correcting or unexplained or apart):
        return Text(" · ".join(["in sync", *rest]), GOOD)
    parts = (
        [f"{plural(correcting, 'difference')} of amounts to be corrected"]
        if correcting and not any(one.planned for one in findings)
        else []
    )
    parts += [f"{plural(apart, 'difference')} without amounts"] if apart else []
    parts += counts
    named = [f"{short(line.mapping)} {_gross(line.unexplained, line)}" for line in unexplained]
    parts.append(f"unexplained: {', '.join(named)}" if named else "nothing unexplained")
    return Text(" · ".join([*parts, *rest]), STRONG)


def _all_counts(lines: Sequence[StatementLine]) -> list[Counts]:
    return [line.counts for line in lines if line.counts is not None]


def _money(amount: Decimal, line: StatementLine) -> str:
    return f"{amount_text(amount, line.currency)} {line.currency or NO_CURRENCY}"


def _gross(part: Part, line: StatementLine) -> str:
    """What a part adds up to; where opposite amounts would hide each other, the sum of each sign."""
    if not mixed(part):
        return _money(part.amount, line)
    return f"+{amount_text(higher(part).amount, line.currency)} {_money(part.lower, line)}"


def _mapping_blocks(mapping: str, lines: tuple[StatementLine, ...], sides: Sides, width: int) -> list[RenderableType]:
    """The counts of both sides, then as many currencies side by side as fit, the rest below."""
    names = sides.get(mapping, ("left", "right"))
    if (counts := lines[0].counts) is not None:
        return [Text(short(mapping), STRONG), *(indented(row, GAP) for row in counted(counts, lines[0], names))]
    rows = rows_of(lines, names)
    columns = [_column(line, [row.parts[place] for row in rows]) for place, line in enumerate(lines)]
    labels = [*(GAP + len(short(name, 40)) for name in names), *(2 * GAP + len(row.called) for row in rows)]
    size = max(len(text) for column in columns for text in column)
    # No amount is cut: on a narrow page what it is called takes several lines.
    label = min(max(labels) + GAP, max(width - size, LABEL_MIN))
    fit = max(1, (width - label) // (size + GAP))
    blocks: list[RenderableType] = [Text(short(mapping), STRONG)]
    blocks += [
        indented(_counts(name, totals, left_out, lines), GAP) for name, totals, left_out in _totals(names, lines)
    ]
    for start in range(0, len(lines), fit):
        part = slice(start, start + fit)
        shown = [row._replace(parts=row.parts[part]) for row in rows]
        blocks.append(_columns(lines[part], names, shown, label, size))
    return blocks


def _totals(
    names: tuple[str, str], lines: Sequence[StatementLine]
) -> tuple[tuple[str, list[SideTotal], int], tuple[str, list[SideTotal], int]]:
    """Per side its name, its totals, and how many of its records the mapping leaves out."""
    left, right = (sum(line.left_out[side].items for line in lines) for side in (0, 1))
    return (names[0], [line.left for line in lines], left), (names[1], [line.right for line in lines], right)


def _counts(name: str, totals: Sequence[SideTotal], left_out: int, lines: Sequence[StatementLine]) -> Text:
    """`98 stripe invoice records: 97 matched, 1 not`, and those whose currency nobody names."""
    records, matched = sum(total.records for total in totals), sum(total.matched for total in totals)
    apart = "all matched" if matched == records else f"{matched:,} matched"
    apart += f", {left_out:,} {NOT_COMPARED} (mapping says ignore)" if left_out else ""
    apart += f", {records - matched - left_out:,} not" if records > matched + left_out else ""
    said = f"{records:,} {short(name, 40)} {'record' if records == 1 else 'records'}"
    unnamed = [
        f"{total.unnamed:,} without a currency counted as {line.currency}"
        for total, line in zip(totals, lines, strict=True)
        if total.unnamed
    ]
    return Text("; ".join([f"{said}: {apart}" if records else f"no {short(name, 40)} records", *unnamed]), QUIET)


def _column(line: StatementLine, parts: Sequence[Part]) -> list[str]:
    """Every amount a line shows, as text: they decide how wide its column is."""
    amounts = [line.left.amount, line.right.amount, *(part.amount for part in parts)]
    off = "" if foots(line) else f"off {amount_text(line.right.amount - footed(line), line.currency)}"
    return [line.currency or NO_CURRENCY, off, *(f"+{amount_text(amount, line.currency)}" for amount in amounts)]


def _columns(
    lines: Sequence[StatementLine], names: tuple[str, str], rows: Sequence[Row], label: int, size: int
) -> RenderableType:
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(width=label - GAP, overflow="fold")
    for _ in lines:
        table.add_column(width=size, justify="right", overflow="fold")
    table.add_row("", *(Text(line.currency or NO_CURRENCY, QUIET) for line in lines))
    table.add_row(Text(f"  {short(names[0], 40)}"), *(_amount(line.left.amount, line) for line in lines))
    for row in rows:
        steps = (_step(part, line, BAD if row.unexplained else "") for part, line in zip(row.parts, lines, strict=True))
        table.add_row(Text(f"    {row.called}", "" if row.unexplained else QUIET), *steps)
    table.add_row("", *(Text("─" * size, QUIET) for _ in lines))
    table.add_row(Text(f"  {short(names[1], 40)}"), *(_total(line) for line in lines))
    return table


def _step(part: Part, line: StatementLine, style: str) -> Text:
    """What a part explains, with its sign; a dash where there is none, which is not the same as zero."""
    if not part.items:
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
