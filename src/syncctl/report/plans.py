"""A plan and a list of findings as reports: for people the tables, for programs every value. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.model import Change, Finding, Plan
from syncctl.report.approvals import approval_block, approval_fields
from syncctl.report.as_of import Pulled
from syncctl.report.changes import Numbered, grouped, owner_of, place_of, without_made_up
from syncctl.report.findings import counted_findings, finding_sections, open_list, said_of, to_be_corrected
from syncctl.report.formats import Report
from syncctl.report.statement import Sides, statement_block
from syncctl.report.statement_counts import counts_fields
from syncctl.report.style import heading, rule
from syncctl.report.table import next_for, plan_table
from syncctl.report.text import decimal_text, exact_text
from syncctl.report.totals import totals
from syncctl.safeguards import Approval
from syncctl.statement import foots
from syncctl.statement_line import StatementLine

if TYPE_CHECKING:
    from rich.console import RenderableType

CHANGE_COLUMNS: Final = (
    "number", "mapping", "action", "name", "target", "source", "field", "before", "after", "owner", "reason",
    "amount", "currency", "waits_for", "cannot_be_undone",
)  # fmt: skip
FINDING_COLUMNS: Final = (
    "number", "mapping", "kind", "name", "amount", "currency", "since", "left", "right", "field", "left_value",
    "right_value", "agreed_on", "reason", "said", "accepted", "note", "accepted_by", "accepted_at", "to_be_corrected",
    "on_hold",
)  # fmt: skip
PLAN_COLUMNS: Final = (
    "row", *CHANGE_COLUMNS, "finding", "left", "right", "left_value", "right_value", "agreed_on", "since", "said",
    "accepted", "note", "accepted_by", "accepted_at", "on_hold",
)  # fmt: skip
"""`row` says what a row is: `change`, or the sort of finding. What only one of the two has is empty in the other."""


def plan_report(
    plan: Plan,
    *,
    now: datetime,
    asks: bool = False,
    used_by: str = "",
    approval: Approval | None = None,
    needs: str = "",
    signed: bool = False,
) -> Report:
    """The dry-run table; in CSV, Markdown and JSON lines one row per field that a change writes and per finding.
    `asks`: a question follows it; `used_by`: the run that sent it; `needs`: why a second person approves it; `signed`:
    above it stands who made and who approved it.
    """

    def show(width: int) -> RenderableType:
        block = approval_block(plan, approval, needs) if signed or needs else None
        approve = bool(needs) and approval is None
        return plan_table(plan, width=width, now=now, steps=not asks, used_by=used_by, signed=block, approve=approve)

    fields = {"plan": plan_fields(plan), **approval_fields(plan, approval)}
    return Report("plan", show, plan_rows(plan), fields, PLAN_COLUMNS, whole=True)


def plan_rows(plan: Plan) -> list[dict[str, Any]]:
    """One row per field that a change writes, then one per finding."""
    ordered = grouped(plan.changes)
    numbered = Numbered.of(ordered)
    rows = (row for change in ordered for row in change_rows(numbered.numbers, change, numbered.value))
    changes = [{"row": "change", **row} for row in rows]
    return changes + [_finding_row(finding) for finding in plan.findings]


def _finding_row(finding: Finding) -> dict[str, Any]:
    """A finding among changes: what it is, and its own number where a change has that of the table."""
    (row,) = finding_rows([finding])
    return {**row, "row": row["kind"], "finding": row["number"], "number": None}


def plan_fields(plan: Plan) -> dict[str, Any]:
    """The plan for a program; its changes in the order and with the numbers of the table."""
    ordered = grouped(plan.changes)
    numbered = Numbered.of(ordered)
    return {
        "id": plan.id,
        "created_at": plan.created_at,
        "digest": plan.digest,
        "serial": plan.serial,
        "companies": dict(plan.pins),
        "changes": [change_fields(numbered.numbers, change, numbered.value) for change in ordered],
        "findings": [finding_fields(finding) for finding in plan.findings],
        "totals": [
            {"mapping": mapping, "currency": currency, "created": decimal_text(row.created, currency),
             "updated": decimal_text(row.updated, currency), "voided": decimal_text(row.voided, currency),
             "moved": decimal_text(row.size, currency), "moved_at_most": row.bounded}
            for (mapping, currency), row in totals(plan.changes).items()
        ],
    }  # fmt: skip


def change_fields(
    numbers: Mapping[str, int], change: Change, value: Callable[[str], str] = without_made_up
) -> dict[str, Any]:
    """One change for a program; `waits_for` holds the numbers of changes of the same plan. `value` says how a new
    value is shown."""
    return {
        "number": numbers[change.intent],
        "mapping": change.mapping,
        "action": change.action,
        "name": change.name,
        "target": change.target,
        "source": change.source,
        "amount": change.amount,
        "amount_before": change.amount_before,
        "reason": change.reason,
        "undo": change.undo,
        "cannot_be_undone": change.final,
        "undoes": change.undoes,
        "waits_for": [numbers[intent] for intent in change.parents if intent in numbers],
        "edits": [
            {"field": edit.field or edit.path, "path": edit.path, "action": edit.action,
             "before": exact_text(edit.shown[0], edit.codec), "after": exact_text(value(edit.shown[1]), edit.codec),
             "owner": owner_of(edit, change), "reason": edit.reason}
            for edit in change.edits
        ],
    }  # fmt: skip


def change_rows(
    numbers: Mapping[str, int], change: Change, value: Callable[[str], str] = without_made_up
) -> list[dict[str, Any]]:
    """One row per field that a change writes; one for a change that writes none. A record that the plan makes is said
    to be new, without the id that syncctl makes up for it."""
    whole = change_fields(numbers, change, value)
    for end in ("target", "source"):
        whole[end] = place_of(whole[end]) if whole[end] is not None else None
    amount = {"amount": change.amount, "currency": change.amount.currency if change.amount else ""}
    head = {key: whole[key] for key in _HEAD_KEYS}
    edits = whole["edits"] or [{"reason": change.reason}]
    return [{**head, **amount, **{key: edit.get(key, "") for key in _EDIT_KEYS}} for edit in edits]


_HEAD_KEYS: Final = ("number", "mapping", "action", "name", "target", "source", "waits_for", "cannot_be_undone")
_EDIT_KEYS: Final = ("field", "before", "after", "owner", "reason")


def finding_fields(finding: Finding) -> dict[str, Any]:
    """One finding for a program."""
    return {
        "number": finding.number or None,
        "mapping": finding.mapping,
        "kind": finding.kind,
        "name": finding.name,
        "left": finding.left,
        "right": finding.right,
        "field": finding.field,
        "left_value": finding.left_shown,
        "right_value": finding.right_shown,
        "agreed_on": finding.base_shown,
        "reason": finding.reason,
        "since": finding.since,
        "accepted": finding.accepted and not finding.on_hold,
        "on_hold": finding.on_hold,
        "to_be_corrected": finding.planned,
        "note": finding.note,
        "accepted_by": finding.accepted_by,
        "accepted_at": finding.accepted_at,
        "hint": finding.hint,
        "rule": finding.choice.rule if finding.choice else "",
        "candidates": [*finding.choice.left, *finding.choice.right] if finding.choice else [],
        "amount": finding.amount,
    }


def finding_rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings for CSV: the currency in a column of its own, and what the table says in words."""
    return [
        {
            **finding_fields(finding),
            "currency": finding.amount.currency if finding.amount else "",
            "said": said_of(finding),
        }
        for finding in findings
    ]


def findings_report(findings: Sequence[Finding], *, now: datetime, everything: bool) -> Report:
    """Open findings, oldest first; with `everything` the accepted ones and their notes as well."""
    shown = [finding for finding in findings if everything or not finding.accepted]

    def show(width: int) -> RenderableType:
        if not shown:
            return Group(Text("no open findings"))
        listed = [finding for finding in shown if not finding.planned]
        title = heading("FINDINGS", "oldest first", " · ".join(counted_findings(shown)))
        blocks = [title, rule(), *([open_list(listed, width=width, now=now), Text()] if listed else [])]
        return Group(*blocks, *to_be_corrected(shown, width=width, now=now), next_for(shown))

    return Report("findings", show, finding_rows(shown), {}, FINDING_COLUMNS)


def statement_fields(lines: Sequence[StatementLine]) -> list[dict[str, Any]]:
    """The statement for a program; `items` counts pairs and single records, `gross` has each sign's sum. A mapping
    without amounts has counts alone."""
    return [counts_fields(line, line.counts) if line.counts else _line_fields(line) for line in lines]


def _line_fields(line: StatementLine) -> dict[str, Any]:
    standing = {
        "left_not_compared": line.left_out[0],
        "right_not_compared": line.left_out[1],
        "on_hold": line.held,
        "to_be_corrected": line.correcting,
        "open_findings": line.waiting,
        "unexplained": line.unexplained,
    }
    named = (*line.explained, *standing.items())
    items = {name: part.items for name, part in named}

    def exact(amount: Decimal) -> str:
        return decimal_text(amount, line.currency)

    return {
        "mapping": line.mapping,
        "currency": line.currency,
        "left": exact(line.left.amount),
        "right": exact(line.right.amount),
        "left_records": line.left.records,
        "right_records": line.right.records,
        "left_matched": line.left.matched,
        "right_matched": line.right.matched,
        "explained": {reason: exact(part.amount) for reason, part in line.explained},
        **{name: exact(part.amount) for name, part in standing.items()},
        "items": items,
        "gross": {
            name: {"plus": exact(part.amount - part.lower), "minus": exact(part.lower)}
            for name, part in named
            if part.items
        },
        "foots": foots(line),
    }


def diff_report(
    findings: Sequence[Finding], lines: Sequence[StatementLine], *, sides: Sides, now: datetime, pulled: Pulled
) -> Report:
    """What is open and what it does to the totals, from the ledger alone."""

    def show(width: int) -> RenderableType:
        sections = finding_sections(findings, width=width, now=now)
        block = statement_block(lines, findings, sides=sides, width=width, now=now, pulled=pulled, listed=False)
        return Group(*sections, block, Text(), next_for(findings))

    fields = {
        "pulled": dict(pulled),
        "statement": statement_fields(lines),
        "findings": [finding_fields(finding) for finding in findings],
    }
    return Report("diff", show, finding_rows(findings), fields, FINDING_COLUMNS, whole=True)
