"""The statement of a mapping without amounts: how many pairs and records were compared, and how they stand. No I/O."""

from __future__ import annotations

from typing import Any, Final

from rich.text import Text

from syncctl.report.statement_rows import NOT_COMPARED, ON_HOLD
from syncctl.report.style import BAD, QUIET
from syncctl.report.text import plural, short
from syncctl.statement_line import Counts, SideTotal, Single, StatementLine

NAME_MAX: Final = 40


def counted(counts: Counts, line: StatementLine, names: tuple[str, str]) -> list[Text]:
    """`98 stripe customer records: 97 matched, 1 without a partner`, per side; then the pairs."""
    sides = ((line.left, counts.left), (line.right, counts.right))
    return [*(_side(name, *one) for name, one in zip(names, sides, strict=True)), _pairs(counts)]


def counts_text(counts: Counts, names: tuple[str, str]) -> str:
    """`95 agree, 2 differ, 3 on hold after an undo, 1 stripe customer without a partner`: in one line, what is zero
    left out, but for what agrees."""
    held = counts.held + counts.left.held + counts.right.held
    told = [(counts.differ, "differ"), (held, ON_HOLD)]
    sides = zip(names, (counts.left, counts.right), strict=True)
    told += [(one.missing, f"{name} without a partner") for name, one in sides]
    return ", ".join([f"{counts.agree:,} agree", *(f"{count:,} {said}" for count, said in told if count)])


def counts_fields(line: StatementLine, counts: Counts) -> dict[str, Any]:
    """The line for a program: counts of records and pairs, and no amounts."""
    return {
        "mapping": line.mapping,
        "currency": "",
        "left_records": line.left.records,
        "right_records": line.right.records,
        "left_matched": line.left.matched,
        "right_matched": line.right.matched,
        "items": {
            "agree": counts.agree,
            "differ": counts.differ,
            "accepted": counts.accepted,
            "on_hold": counts.held,
            **{f"left_{name}": count for name, count in _single(counts.left).items()},
            **{f"right_{name}": count for name, count in _single(counts.right).items()},
        },
        "foots": True,
    }


def _single(single: Single) -> dict[str, int]:
    return {
        "missing": single.missing,
        "accepted": single.accepted,
        "on_hold": single.held,
        "not_compared": single.left_out,
    }


def _side(name: str, total: SideTotal, single: Single) -> Text:
    shown = short(name, NAME_MAX)
    if not total.records:
        return Text(f"no {shown} records", QUIET)
    whole = total.matched == total.records
    told = Text(f"{plural(total.records, f'{shown} record')}: ", QUIET)
    told.append("all matched" if whole else f"{total.matched:,} matched")
    told.append(f", {single.left_out:,} {NOT_COMPARED} (mapping says ignore)" if single.left_out else "")
    told.append(f", {single.accepted:,} accepted with a note" if single.accepted else "")
    told.append(f", {single.held:,} {ON_HOLD}" if single.held else "")
    told.append(f", {single.missing:,} without a partner" if single.missing else "", BAD)
    return told


def _pairs(counts: Counts) -> Text:
    """`38 pairs: 30 agree, 1 accepted with a note, 7 differ`."""
    count = counts.agree + counts.differ + counts.accepted + counts.held
    if not count:
        return Text("no pairs", QUIET)
    agree = "all agree" if counts.agree == count else f"{counts.agree:,} agree"
    told = Text(f"{plural(count, 'pair')}: {agree}", QUIET)
    told.append(f", {counts.accepted:,} accepted with a note" if counts.accepted else "")
    told.append(f", {counts.held:,} {ON_HOLD}" if counts.held else "")
    told.append(f", {counts.differ:,} differ" if counts.differ else "", BAD)
    return told
