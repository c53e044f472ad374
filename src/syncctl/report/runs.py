"""Runs as reports: an applied plan, a whole reconciliation, the list of runs. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.ledger.states import State
from syncctl.model import Run
from syncctl.report.changes import record_name
from syncctl.report.formats import Report
from syncctl.report.listing import listing
from syncctl.report.plans import PLAN_COLUMNS, finding_fields, plan_fields, plan_rows, statement_fields
from syncctl.report.statement import Sides, statement_block
from syncctl.report.style import GOOD, QUIET, STRONG, WARN, heading, indented, rule, two_ends
from syncctl.report.summary import Row, outcome_sections, run_summary
from syncctl.report.table import commands, next_steps, plan_table
from syncctl.report.text import moment_text, plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.ledger.operation import Operation
    from syncctl.run import ApplyReport, PullReport, ReconcileReport
    from syncctl.run.history import OpenWrites, PastRun

Redact = Callable[[str], str]
OPERATION_COLUMNS: Final = ("mapping", "action", "name", "state", "record", "code", "message", "fix")
BLANK: Final = Text()
RELEASE: Final = "A refused write is sent again once its source, its target or its mapping has changed."


def operation_fields(row: Row, redact: Redact) -> dict[str, Any]:
    """What became of one change, for a program."""
    return {
        "mapping": row.change.mapping,
        "action": row.change.action,
        "name": record_name(row.change),
        "state": row.state,
        "record": row.ref or row.change.target,
        "code": row.code,
        "message": redact(row.message),
        "fix": redact(row.fix),
    }


def run_fields(run: Run) -> dict[str, Any]:
    """One run for a program."""
    return {
        "run": run.id,
        "command": run.command,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "outcome": run.outcome,
        "exit_code": run.exit_code,
        "counts": run.counts,
    }


def applied_report(report: ApplyReport, redact: Redact) -> Report:
    """What became of a plan: by this run, and earlier."""
    rows = [operation_fields(row, redact) | {"earlier": False} for row in report.rows]
    rows += [operation_fields(row, redact) | {"earlier": True} for row in report.earlier]
    return Report(
        "run",
        lambda width: run_summary(report.rows, run=report.run.id, width=width, redact=redact, earlier=report.earlier),
        rows,
        run_fields(report.run),
        (*OPERATION_COLUMNS, "earlier"),
    )


def operations_report(run: Run, rows: Sequence[Row], redact: Redact) -> Report:
    """One run with everything it did."""
    return Report(
        "run",
        lambda width: run_summary(rows, run=run.id, width=width, redact=redact),
        [operation_fields(row, redact) for row in rows],
        run_fields(run),
        OPERATION_COLUMNS,
    )


def open_writes_report(found: OpenWrites, redact: Redact) -> Report:
    """Every write that waits for something, with cause and fix, and how a refused one is released; then history."""
    opened = [_with_way_out(row) for row in found.open]

    def show(width: int) -> RenderableType:
        blocks = outcome_sections(opened, width=width, redact=redact)
        if not found.open:
            blocks = [Text("nothing is open: every write is settled"), BLANK]
        if any(row.state is State.REJECTED for row in found.open):
            blocks += [Text(RELEASE, QUIET), BLANK]
        if found.history:
            what = "not waited for any more: settled later, or its source, its target or its mapping changed"
            blocks += [heading("HISTORY", what, str(len(found.history)), QUIET), BLANK]
            blocks += outcome_sections(found.history, width=width, redact=redact)
        return Group(*blocks[:-1])

    rows = [_open_fields(row, redact, still=True) for row in opened]
    rows += [_open_fields(row, redact, still=False) for row in found.history]
    return Report("operations", show, rows, {}, ("operation", "open", "run", "updated_at", *OPERATION_COLUMNS))


def _with_way_out(row: Operation) -> Operation:
    """The operation with the commands that end it in its fix."""
    if row.state is State.REVIEW:
        ways = f"look at the vendor, then: syncctl ops settle {row.id} --as written|refused|never --note WHY"
        return replace(row, fix=ways)
    if row.state is State.REJECTED:
        fix = row.fix or "correct the source, the target or the mapping"
        return replace(row, fix=f"{fix.rstrip('.')}. To send it again as it is: syncctl ops retry {row.id}")
    return row


def _open_fields(row: Operation, redact: Redact, *, still: bool) -> dict[str, Any]:
    head = {"operation": row.id, "open": still, "run": row.run, "updated_at": row.updated_at}
    return {**head, **operation_fields(row, redact)}


def runs_report(runs: Sequence[PastRun]) -> Report:
    """The list of runs, newest first, and how to go on with those that were cut short."""
    rows = [_run_row(past) for past in runs]
    columns = ("run", "command", "started_at", "outcome", "exit_code", "counts")
    resume = [(f"syncctl runs resume {past.run.id}", "send what was not sent") for past in runs if past.resumable]

    def show(_width: int) -> RenderableType:
        if not rows:
            return Group(Text("no runs yet"))
        title = heading("RUNS", "newest first", plural(len(runs), "run"))
        listed = (_run_block(past.run) for past in runs)
        return Group(title, rule(), *listed, *([BLANK, commands(resume)] if resume else []))

    return Report("runs", show, rows, {}, (*columns, "resumable"))


def _run_row(past: PastRun) -> dict[str, Any]:
    return run_fields(past.run) | {"counts": _counts(past.run), "resumable": past.resumable}


def _run_block(run: Run) -> RenderableType:
    """The run's id whole, when it began and how it ended; below, what it did."""
    code = f", exit code {run.exit_code}" if run.exit_code is not None else ""
    title = Text.assemble(
        (f"  {short(run.id)}", STRONG), f"  {short(run.command)}", (f"  {moment_text(run.started_at)}", QUIET)
    )
    ended = Text(f"{short(run.outcome)}{code}", GOOD if run.exit_code == 0 else WARN)
    did = [indented(Text(_counts(run), QUIET))] if run.counts else []
    return Group(two_ends(title, ended), *did)


def _counts(run: Run) -> str:
    """`26 planned, 24 applied, 1 held`: what was planned comes first."""
    ranked = sorted(run.counts.items(), key=lambda item: item[0] != "changes")
    said = {"changes": "planned", "planned": "not sent"}
    return ", ".join(f"{count:,} {said.get(name, name)}" for name, count in ranked)


def pull_report(report: PullReport) -> Report:
    """Pages and records per kind."""
    rows = [
        {"system": row.system, "kind": row.kind, "pages": row.pages, "records": row.records, "changed": row.changed,
         "gone": row.gone, "set_aside": row.poison}
        for row in report.rows
    ]  # fmt: skip
    columns = ("system", "kind", "pages", "records", "changed", "gone", "set_aside")
    return listing("pull", rows, columns, empty="nothing to pull: no mapping names a system")


def reconcile_fields(report: ReconcileReport, redact: Redact) -> dict[str, Any]:
    """A whole reconciliation for a program."""
    applied = report.applied
    return {
        **run_fields(report.run),
        "exit_code": report.exit_code,
        "plan": plan_fields(report.plan),
        "applied": [operation_fields(row, redact) for row in applied.rows] if applied else None,
        "guards": [{"guard": trip.guard, "said": str(trip), "override": trip.flag} for trip in report.trips],
        "statement": statement_fields(report.statement),
        "findings": [finding_fields(finding) for finding in report.findings],
    }


def reconcile_report(
    report: ReconcileReport, *, sides: Sides, now: datetime, redact: Redact, table_shown: bool
) -> Report:
    """The run's page: the dry-run table (unless it was shown to be confirmed), what was written, the statement."""

    def show(width: int) -> RenderableType:
        blocks: list[RenderableType] = []
        if report.applied is not None:
            blocks += [run_summary(report.applied.rows, run=report.run.id, width=width, redact=redact), BLANK]
        elif table_shown:
            blocks += [Text("nothing was written", QUIET), BLANK]
        else:
            blocks.append(plan_table(report.plan, width=width, now=now, steps=False))
        blocks.append(
            statement_block(
                report.statement,
                report.findings,
                sides=sides,
                width=width,
                now=now,
                right=f"run {report.run.id}",
                listed=report.applied is not None,  # else they stand in the dry-run table
            )
        )
        if report.applied is None:
            blocks += [BLANK, next_steps(report.plan)]
        return Group(*blocks)

    fields = reconcile_fields(report, redact)
    if report.applied is None:
        return Report("reconcile", show, plan_rows(report.plan), fields, PLAN_COLUMNS, whole=True)
    rows = [operation_fields(row, redact) for row in report.applied.rows]
    return Report("reconcile", show, rows, fields, OPERATION_COLUMNS, whole=True)
