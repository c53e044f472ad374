"""Pairs and proposals as a report: which records, by which rule, and how to decide. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.report.choices import confirm_words, decision_words, only_alike, shell_word
from syncctl.report.formats import Report
from syncctl.report.style import (
    COMMAND,
    INDENT,
    QUIET,
    STRONG,
    WARN,
    command_text,
    heading,
    indented,
    pair_text,
    rule,
    two_ends,
)
from syncctl.report.text import money_text, plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.model import Money, Ref
    from syncctl.run.review import MatchRow

COLUMNS: Final = (
    "mapping", "left", "right", "rule", "score", "decided_by", "left_name", "left_amount", "left_currency",
    "right_name", "right_amount", "right_currency", "held_by",
)  # fmt: skip
NAME_MAX: Final = 40
NO_PART: Final = "(takes no part now)"
ON_HOLD: Final = "on hold"
DECIDED: Final = ("person", "rejected", ON_HOLD)
"""A person's word, or the hold of an undo: both can be taken back."""
WAITING: Final = {"proposed": "look alike", "tie": "several fit"}
"""What `decided_by` says of a pair that nobody decided yet, in a person's words."""


def matches_report(rows: Sequence[MatchRow]) -> Report:
    """The pairs; those that wait for a person with the command that decides."""

    rivals = _rivals(rows)

    def show(width: int) -> RenderableType:
        if not rows:
            return Group(Text("no match waits for a person"))
        title = heading("MATCHES", "", plural(len(rows), "pair"))
        found = (max(rivals[row.mapping, row.rule, ref] for ref in (row.left, row.right)) for row in rows)
        pairs = (_pair(row, count, width) for row, count in zip(rows, found, strict=True))
        return Group(title, rule(), *pairs, *_releases(rows))

    return Report("matches", show, [match_fields(row) for row in rows], {}, COLUMNS)


def match_fields(row: MatchRow) -> dict[str, Any]:
    """One pair for a program."""
    return {
        "mapping": row.mapping,
        "left": row.left,
        "right": row.right,
        "rule": row.rule,
        "score": round(row.score),
        "decided_by": row.decided_by,
        "left_name": row.left_name,
        "left_amount": row.left_amount,
        "left_currency": row.left_amount.currency if row.left_amount else "",
        "right_name": row.right_name,
        "right_amount": row.right_amount,
        "right_currency": row.right_amount.currency if row.right_amount else "",
        "held_by": row.held_by,
    }


def _pair(row: MatchRow, rivals: int, width: int) -> RenderableType:
    waits = row.decided_by in WAITING
    said = f"one of {plural(rivals, 'candidate')}" if row.decided_by == "tie" else WAITING.get(row.decided_by)
    score = f", {row.score:.0f} %" if row.score else ""
    decided = Text(f"{said or row.decided_by}{score}", WARN if waits or row.decided_by == ON_HOLD else QUIET)
    title = Text.assemble((f"  {short(row.mapping)}", STRONG), (f"  {short(row.rule)}", QUIET))
    lines: list[RenderableType] = [two_ends(title, decided)]
    left, right = _called(row.left_name, row.left_amount), _called(row.right_name, row.right_amount)
    if left or right:
        lines.append(indented(pair_text(left or NO_PART, right or NO_PART, width - INDENT)))
    lines.append(indented(pair_text(row.left, row.right, width - INDENT)))
    if row.decided_by == "proposed":
        lines.append(indented(Text(only_alike(row.rule, row.score), QUIET)))
    if row.decided_by in DECIDED:
        words = decision_words("release", row.mapping, row.left, row.right)
        lines += [indented(command_text(words, width - INDENT)), Text()]
    if waits:
        lines += [indented(command_text(confirm_words(row.mapping, row.left, row.right), width - INDENT)), Text()]
    return Group(*lines)


def _called(name: str, amount: Money | None) -> str:
    """`INV-9001, 125.00 USD`: what a person knows a record by."""
    return ", ".join(filter(None, [short(name, NAME_MAX), money_text(amount) if amount else ""]))


def _releases(rows: Sequence[MatchRow]) -> Iterator[RenderableType]:
    """The command that ends all holds of one undo, where it holds several pairs."""
    for run, count in Counter(row.held_by for row in rows if row.held_by).items():
        if count > 1:
            yield Text(f"all {count:,} pairs that the undo {short(run)} put on hold:")
            yield indented(Text(f"syncctl match release --run {shell_word(run)}", COMMAND))


def _rivals(rows: Sequence[MatchRow]) -> Counter[tuple[str, str, Ref]]:
    """How many candidates each record of a tie has, by mapping and rule."""
    return Counter((row.mapping, row.rule, ref) for row in rows for ref in (row.left, row.right))
