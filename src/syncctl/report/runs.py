"""Runs as reports: an applied plan, a whole reconciliation, the list of runs. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.text import Text

from syncctl.model import Run
from syncctl.report.changes import place_of, record_name
from syncctl.report.errors import error_fields
from syncctl.report.findings import finding_sections
from syncctl.report.formats import Report
from syncctl.report.listing import listing
from syncctl.report.plans import PLAN_COLUMNS, finding_fields, plan_fields, plan_rows, statement_fields
from syncctl.report.statement import Sides, statement_block
from syncctl.report.style import GOOD, QUIET, STRONG, WARN, heading, indented, rule, two_ends
from syncctl.report.summary import WORDS, Row, plan_anew, run_summary, steps_after
from syncctl.report.table import commands, next_for, next_steps, plan_table
from syncctl.report.text import moment_text, plural, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.run import ApplyReport, PullReport, ReconcileReport
    from syncctl.run.history import PastRun

Redact = Callable[[str], str]
OPERATION_COLUMNS: Final = ("mapping", "action", "name", "state", "record", "code", "message", "fix")
BLANK: Final = Text()
STATES: Final = {str(state): title.lower() for state, (title, _, _) in WORDS.items()}
"""The words of a run's page, in their order."""
PAUSED_MAX: Final = 400
"""Characters of the reason of a pause."""


def operation_fields(row: Row, redact: Redact) -> dict[str, Any]:
    """What became of one change, for a program."""
    return {
        "mapping": row.change.mapping,
        "action": row.change.action,
        "name": record_name(row.change),
        "state": row.state,
        "record": place_of(row.ref or row.change.target),
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
    staying = report.staying

    def show(width: int) -> RenderableType:
        stays = len(staying.findings)
        page = run_summary(
            report.rows,
            run=report.run.id,
            width=width,
            redact=redact,
            earlier=report.earlier,
            stays=stays,
            steps=not stays,
        )
        if not stays:
            return page
        stopped = finding_sections(staying.findings, width=width, now=datetime.fromisoformat(report.run.started_at))
        first = _steps((*report.rows, *report.earlier), report.run.id)
        return Group(page, *stopped, next_for(staying.findings, undoes=staying.undoes, first=first))

    fields = run_fields(report.run) | _unread_field(report, redact)
    if staying.undoes:
        fields |= {"undoes": staying.undoes, "findings": [finding_fields(finding) for finding in staying.findings]}
    return Report("run", show, rows, fields, (*OPERATION_COLUMNS, "earlier"))


def _steps(rows: Sequence[Row], run: str) -> list[tuple[str, str]]:
    """What to type because of how the changes of a run ended."""
    return steps_after(Counter(row.state for row in rows), run)


def _unread_field(report: ApplyReport | None, redact: Redact) -> dict[str, Any]:
    """Why what was written could not be read back, for a program; None while it was."""
    unread = report.unread if report is not None else None
    return {"not_read_back": error_fields(unread, redact=redact) if unread is not None else None}


def runs_report(runs: Sequence[PastRun], *, paused: str = "") -> Report:
    """The list of runs, newest first, and how to go on with those that were cut short. `paused` says why nothing is
    written now."""
    rows = [_run_row(past) for past in runs]
    columns = ("run", "command", "started_at", "outcome", "exit_code", "counts")
    resume = [step for past in runs if (step := _way_on(past))]

    def show(_width: int) -> RenderableType:
        above = [Text(short(paused, PAUSED_MAX), WARN), BLANK] if paused else []
        if not rows:
            return Group(*above, Text("no runs yet"))
        title = heading("RUNS", "newest first", plural(len(runs), "run"))
        listed = (_run_block(past.run) for past in runs)
        return Group(*above, title, rule(), *listed, *([BLANK, commands(resume)] if resume else []))

    return Report("runs", show, rows, {"paused": paused}, (*columns, "resumable", "stale"))


def _way_on(past: PastRun) -> tuple[str, str] | None:
    """The command that goes on with what a run left; where a resume would be refused, the one that plans anew."""
    if past.stale:
        return plan_anew(past.run.id, past.stale)
    return (f"syncctl runs resume {short(past.run.id)}", "send what was not sent") if past.resumable else None


def _run_row(past: PastRun) -> dict[str, Any]:
    return run_fields(past.run) | {"counts": counts_of(past.run), "resumable": past.resumable, "stale": past.stale}


def _run_block(run: Run) -> RenderableType:
    """The run's id whole, when it began and how it ended; below, what it did."""
    code = f", exit code {run.exit_code}" if run.exit_code is not None else ""
    title = Text.assemble(
        (f"  {short(run.id)}", STRONG), f"  {short(run.command)}", (f"  {moment_text(run.started_at)}", QUIET)
    )
    ended = Text(f"{short(run.outcome)}{code}", GOOD if run.exit_code == 0 else WARN)
    did = [indented(Text(counts_of(run), QUIET))] if run.counts else []
    return Group(two_ends(title, ended), *did)


def counts_of(run: Run) -> str:
    """`26 changes: 24 written, 1 refused, 1 held`: what the plan held, then what became of it in the words of the
    run's page."""
    counts = Counter(dict.fromkeys(STATES.values(), 0))
    for name, count in run.counts.items():
        counts[STATES.get(name, name)] += count
    became = ", ".join(f"{count:,} {said}" for said, count in counts.items() if count and said != "changes")
    planned = plural(counts["changes"], "change") if "changes" in run.counts else ""
    return ": ".join(filter(None, (planned, became)))


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
        **({"undoes": report.undoes} if report.undoes else {}),
        "plan": plan_fields(report.plan),
        "applied": [operation_fields(row, redact) for row in applied.rows] if applied else None,
        **_unread_field(applied, redact),
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
            stays, rows = len(report.applied.staying.findings), report.applied.rows
            blocks.append(run_summary(rows, run=report.run.id, width=width, redact=redact, stays=stays, steps=False))
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
        after = next_steps(report.plan, trips=report.trips, undoes=report.undoes)
        if report.applied is not None:
            first = _steps(report.applied.rows, report.run.id)
            after = next_for(report.findings, undoes=report.undoes, first=first)
        blocks += [BLANK, after]
        return Group(*blocks)

    fields = reconcile_fields(report, redact)
    if report.applied is None:
        return Report("reconcile", show, plan_rows(report.plan), fields, PLAN_COLUMNS, whole=True)
    rows = [operation_fields(row, redact) for row in report.applied.rows]
    return Report("reconcile", show, rows, fields, OPERATION_COLUMNS, whole=True)
