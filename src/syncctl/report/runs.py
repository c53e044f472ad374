"""Runs as reports: an applied plan, a whole reconciliation, the list of runs. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.model import Run
from syncctl.report.changes import record_name
from syncctl.report.formats import Report
from syncctl.report.listing import listing
from syncctl.report.plans import finding_fields, plan_fields, statement_fields
from syncctl.report.statement import Sides, statement_block
from syncctl.report.style import GOOD, QUIET
from syncctl.report.summary import Row, outcome_sections, run_summary
from syncctl.report.table import plan_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.ledger.operation import Operation
    from syncctl.run import ApplyReport, PullReport, ReconcileReport

Redact = Callable[[str], str]
OPERATION_COLUMNS: Final = ("mapping", "action", "name", "state", "record", "code", "message", "fix")
BLANK: Final = Text()


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
        "outcome": run.outcome or "not finished",
        "exit_code": run.exit_code,
        "counts": run.counts,
    }


def applied_report(report: ApplyReport, redact: Redact) -> Report:
    """What became of a plan."""
    return operations_report(report.run, report.rows, redact)


def operations_report(run: Run, rows: Sequence[Row], redact: Redact) -> Report:
    """One run with everything it did."""
    return Report(
        "run",
        lambda width: run_summary(rows, run=run.id, width=width, redact=redact),
        [operation_fields(row, redact) for row in rows],
        run_fields(run),
        OPERATION_COLUMNS,
    )


def open_operations_report(operations: Sequence[Operation], redact: Redact) -> Report:
    """Every write that has no good end, with cause and fix."""

    def show(width: int) -> RenderableType:
        if not operations:
            return Group(Text("every write has a clear outcome"))
        return Group(*outcome_sections(operations, width=width, redact=redact))

    rows = [
        {"operation": row.id, "run": row.run, "updated_at": row.updated_at, **operation_fields(row, redact)}
        for row in operations
    ]
    return Report("operations", show, rows, {}, ("operation", "run", "updated_at", *OPERATION_COLUMNS))


def runs_report(runs: Sequence[Run]) -> Report:
    """The list of runs, newest first."""
    rows = [run_fields(run) | {"counts": ", ".join(f"{n} {name}" for name, n in run.counts.items())} for run in runs]
    columns = ("run", "command", "started_at", "outcome", "exit_code", "counts")
    return listing("runs", rows, columns, empty="no runs yet")


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
        if not table_shown and report.applied is None:
            blocks += [plan_table(report.plan, width=width, now=now), BLANK]
        if report.applied is not None:
            blocks += [run_summary(report.applied.rows, run=report.run.id, width=width, redact=redact), BLANK]
        elif not report.plan.changes:
            blocks += [Text("nothing to write", GOOD), BLANK]
        if table_shown and report.applied is None:
            blocks += [Text("nothing was written", QUIET), BLANK]
        open_items = () if report.applied is None and not table_shown else report.findings
        right = f"run {report.run.id}"
        blocks.append(statement_block(report.statement, open_items, sides=sides, width=width, now=now, right=right))
        return Group(*blocks)

    rows = [operation_fields(row, redact) for row in report.applied.rows] if report.applied else []
    fields = reconcile_fields(report, redact)
    return Report("reconcile", show, rows, fields, OPERATION_COLUMNS, whole=True)
