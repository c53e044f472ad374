"""The use case resume: going on with what a run left of its plan. I/O: vendors, ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from syncctl.errors import NotHere, StalePlanError, no_such
from syncctl.ledger.states import LEFT, OPEN, UNSENT, State
from syncctl.planfile import check_fresh
from syncctl.project import Project
from syncctl.push import OperationResult, exit_code, resolve_open, results
from syncctl.push import resume as push_resume
from syncctl.run.applying import ApplyReport, close_push, means, open_systems, situation
from syncctl.run.guarding import check_rest
from syncctl.run.progress import Progress, quiet
from syncctl.run.running import Stop, never, running
from syncctl.run.staying import what_stays

SHOW_RUNS: Final = "see `syncctl runs list`"
LOOK_ANEW: Final = "`syncctl reconcile` plans anew what is still wanted of it"
RUNS_LOOKED_AT: Final = 1_000


def resume(project: Project, earlier: str, *, progress: Progress = quiet, stop: Stop = never) -> ApplyReport:
    """Goes on with a run's half-applied plan; with nothing left to go on with, it says what became of the plan.

    Raises UsageError, StalePlanError when another plan took its place or what it was made from moved, LockedError,
    CredentialError, VendorError.
    """
    plan = plan_of(project, earlier)
    with running(project, f"runs resume {earlier}") as run:
        before = {one.id: one.state for one in project.journal.operations.of_plan(plan)}
        if set(before.values()) & (UNSENT | OPEN):
            open_systems(project, sorted(project.connectors), progress)
        elif _overtaken(project, plan):
            reason = "another plan was applied since, and took its place"
            raise StalePlanError(f"nothing is left to send of run {earlier}: {reason}", fix=LOOK_ANEW)
        if set(before.values()) & UNSENT:
            if reason := why_stale(project, plan):
                raise StalePlanError(f"nothing more of run {earlier} can be sent: {reason}", fix=LOOK_ANEW)
            check_rest(project, plan)
        using = means(project, run, progress, stop)
        resolve_open(using)
        unsent = project.journal.operations.unsent(plan)
        rows = push_resume(earlier, using) if unsent else results(plan, using)
        now, done = _told_apart(rows, before)
        stays = what_stays(project, project.journal.plans.load(plan))
        return close_push(project, run, now, stop() or exit_code(rows), progress, done, stays)


def _overtaken(project: Project, plan: str) -> bool:
    """True when rows lapsed that nobody left out."""
    lapsed = project.journal.operations.of_plan(plan, {State.LAPSED})
    return any(one.code != LEFT for one in lapsed)


def _refuse_stale(project: Project, plan: str) -> None:
    """A rest is as good as its plan: what was voided or matched since must not be written from it. That the plan was
    used says nothing here, and taking it moved the serial once.
    """
    now = situation(project)
    check_fresh(project.journal.plans.load(plan), replace(now, serial=now.serial - 1))


def why_stale(project: Project, plan: str) -> str:
    """Why what is unsent of a plan cannot be sent any more; empty while it can."""
    try:
        _refuse_stale(project, plan)
    except StalePlanError as error:
        return error.message
    return ""


def known_run(project: Project, run: str) -> None:
    """Raises UsageError when there is no such run."""
    known = [one.id for one in project.journal.runs.list(RUNS_LOOKED_AT)]
    if run not in known:
        raise no_such("run", run, known, otherwise=SHOW_RUNS)


def plan_of(project: Project, run: str) -> str:
    """The plan that a run sent. Raises UsageError when there is no such run, or it sent none."""
    known_run(project, run)
    plan = project.journal.runs.plan_of(run)
    if not plan:
        raise NotHere(f"run {run} wrote nothing, so there is nothing to go on with", fix=SHOW_RUNS)
    return plan


def _told_apart(
    rows: tuple[OperationResult, ...], before: dict[str, State]
) -> tuple[tuple[OperationResult, ...], tuple[OperationResult, ...]]:
    """What this run did or stopped at, and what stands as the runs before it left it."""
    stands = {row.operation for row in rows if row.state is before[row.operation] and not row.stop}
    now = tuple(row for row in rows if row.operation not in stands)
    return now, tuple(row for row in rows if row.operation in stands)
