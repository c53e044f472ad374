"""Pairs and proposals as a report: which records, by which rule, and how to decide. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.report.choices import confirm_words, decision_words, only_alike
from syncctl.report.formats import Report
from syncctl.report.style import (
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
from syncctl.report.text import plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.model import Ref
    from syncctl.run.review import MatchRow

COLUMNS: Final = ("mapping", "left", "right", "rule", "score", "decided_by")
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
        return Group(title, rule(), *(_pair(row, count, width) for row, count in zip(rows, found, strict=True)))

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
    }


def _pair(row: MatchRow, rivals: int, width: int) -> RenderableType:
    waits = row.decided_by in WAITING
    said = f"one of {plural(rivals, 'candidate')}" if row.decided_by == "tie" else WAITING.get(row.decided_by)
    score = f", {row.score:.0f} %" if row.score else ""
    decided = Text(f"{said or row.decided_by}{score}", WARN if waits or row.decided_by == ON_HOLD else QUIET)
    title = Text.assemble((f"  {short(row.mapping)}", STRONG), (f"  {short(row.rule)}", QUIET))
    lines: list[RenderableType] = [two_ends(title, decided), indented(pair_text(row.left, row.right, width - INDENT))]
    if row.decided_by == "proposed":
        lines.append(indented(Text(only_alike(row.rule, row.score), QUIET)))
    if row.decided_by in DECIDED:
        words = decision_words("release", row.mapping, row.left, row.right)
        lines += [indented(command_text(words, width - INDENT)), Text()]
    if waits:
        lines += [indented(command_text(confirm_words(row.mapping, row.left, row.right), width - INDENT)), Text()]
    return Group(*lines)


def _rivals(rows: Sequence[MatchRow]) -> Counter[tuple[str, str, Ref]]:
    """How many candidates each record of a tie has, by mapping and rule."""
    return Counter((row.mapping, row.rule, ref) for row in rows for ref in (row.left, row.right))
