"""Pairs and proposals as a report: which records, by which rule, and how to decide. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.report.findings import shell_word
from syncctl.report.formats import Report
from syncctl.report.style import COMMAND, QUIET, STRONG, WARN, heading, indented, rule, two_ends
from syncctl.report.text import plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.run.review import MatchRow

COLUMNS: Final = ("mapping", "left", "right", "rule", "score", "decided_by")
WAITING: Final = {"proposed": "alike, not sure", "tie": "several fit"}
"""What `decided_by` says of a pair that nobody decided yet, in a person's words."""


def matches_report(rows: Sequence[MatchRow]) -> Report:
    """The pairs; those that wait for a person with the command that decides."""

    def show(_width: int) -> RenderableType:
        if not rows:
            return Group(Text("no match waits for a person"))
        title = heading("MATCHES", "", plural(len(rows), "pair"))
        return Group(title, rule(), *(_pair(row) for row in rows))

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


def _pair(row: MatchRow) -> RenderableType:
    waits = row.decided_by in WAITING
    score = f", {row.score:.0f} %" if row.score else ""
    decided = Text(f"{WAITING.get(row.decided_by, row.decided_by)}{score}", WARN if waits else QUIET)
    title = Text.assemble((f"  {short(row.mapping)}", STRONG), (f"  {short(row.rule)}", QUIET))
    refs = Text(f"{short(str(row.left))} ↔ {short(str(row.right))}")
    lines: list[RenderableType] = [two_ends(title, decided), indented(refs)]
    if waits:
        words = " ".join(shell_word(word) for word in (row.mapping, str(row.left), str(row.right)))
        lines += [indented(Text(f"syncctl match confirm {words}", COMMAND)), Text()]
    return Group(*lines)
