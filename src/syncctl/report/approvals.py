"""A plan's approval as people and programs read it: who gave it, what it leaves out, who may still have to. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from syncctl.model import Plan
from syncctl.report.changes import Numbered, grouped, record_name
from syncctl.report.formats import Report
from syncctl.report.style import GOOD, QUIET, WARN, heading, indented
from syncctl.report.table import commands
from syncctl.report.text import moment_text, plural, short
from syncctl.safeguards import Approval, left_words, selection

if TYPE_CHECKING:
    from rich.console import RenderableType


def approval_fields(plan: Plan, approval: Approval | None) -> dict[str, Any]:
    """A plan's approval for a program; None where nobody gave one. `left` are numbers of the dry-run table, those
    that wait for a row that was left included."""
    said = None
    if approval is not None:
        left = _left(plan, approval)
        said = {
            "by": approval.by.name,
            "uid": approval.by.uid,
            "at": approval.at,
            "left": [number for number, _ in left],
            "note": approval.note,
        }
    return {"made_by": plan.made_by.name, "made_by_uid": plan.made_by.uid, "approval": said}


def _left(plan: Plan, approval: Approval) -> list[tuple[int, str]]:
    """Number and name of every row that is not sent."""
    ordered = grouped(plan.changes)
    numbers = Numbered.of(ordered).numbers
    chosen = selection(plan, dict.fromkeys(approval.left, ""))
    return [(numbers[one.intent], record_name(one)) for one in ordered if one.intent in chosen.left]


def approval_block(plan: Plan, approval: Approval | None, needs: str) -> RenderableType:
    """Who made the plan, who approved it and what they left; or that somebody else has to, and the command."""
    made = f"made by {short(plan.made_by.name)}"
    if approval is None:
        told = f"{short(needs)}: syncctl approve {short(plan.id)}" if needs else ""
        return Group(Text(made, QUIET), *([Text(told, WARN)] if told else []))
    said = f"{made}, approved by {short(approval.by.name)} on {moment_text(approval.at)}"
    return Group(Text(said, GOOD), *_left_lines(plan, approval))


def _left_lines(plan: Plan, approval: Approval) -> list[RenderableType]:
    left = _left(plan, approval)
    if not left:
        return []
    title = Text(f"{len(left):,} {short(left_words(approval.by, approval.note))}", WARN)
    return [title, *(indented(Text(f"{number:>4}  {name}", QUIET), 2) for number, name in left)]


def approved_report(plan: Plan, approval: Approval) -> Report:
    """What was approved just now, and the command that sends it."""
    fields = {"plan": plan.id, "digest": plan.digest, **approval_fields(plan, approval)}
    rows = [{"number": number, "name": name, "note": approval.note} for number, name in _left(plan, approval)]

    def show(_width: int) -> RenderableType:
        sent = len(plan.changes) - len(rows)
        told = f"{sent:,} of {plural(len(plan.changes), 'change')} approved by {short(approval.by.name)}"
        step = commands([(f"syncctl apply {short(plan.id)}", f"write {sent:,}")]) if sent else Group()
        return Group(heading("APPROVED", told, f"plan {short(plan.id)}", GOOD), *_left_lines(plan, approval), step)

    return Report("approval", show, rows, fields, ("number", "name", "note"))
