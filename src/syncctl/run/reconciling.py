"""The use case reconcile: the whole job. I/O: vendors, ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from syncctl.guards import GuardTrip
from syncctl.model import Finding, Plan, Run
from syncctl.plan.draft import Draft
from syncctl.planfile import check_fresh
from syncctl.project import Project
from syncctl.push import OperationResult, exit_code, resolve_open
from syncctl.run.applying import NOT_READ_BACK, ApplyReport, means, push_plan, situation
from syncctl.run.guarding import NOTHING_CHOSEN, Choices, check
from syncctl.run.planning import DIFFERENCES, known, open_code, plan_for, standing, statement
from syncctl.run.progress import Progress, quiet
from syncctl.run.pull import PullReport, pull
from syncctl.run.running import OUTCOMES, PAUSED, PLANNED, Stop, never, running
from syncctl.run.sources import SEEN
from syncctl.safeguards import PAUSE
from syncctl.statement_line import StatementLine

Confirm: TypeAlias = Callable[[Plan], bool]
GUARD: Final = 6


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """One whole reconciliation, or the undo of a run (`undoes` names it). `applied` is None when nothing was sent;
    `trips` says which guards refused."""

    run: Run
    plan: Plan
    applied: ApplyReport | None
    statement: tuple[StatementLine, ...]
    findings: tuple[Finding, ...]
    exit_code: int
    pulled: PullReport
    resolved: tuple[OperationResult, ...] = ()
    trips: tuple[GuardTrip, ...] = ()
    confirmed: bool = True
    undoes: str = ""


def reconcile(
    project: Project,
    names: Sequence[str] = (),
    *,
    dry_run: bool = False,
    confirm: Confirm = lambda _plan: True,
    choices: Choices = NOTHING_CHOSEN,
    since: str | None = None,
    progress: Progress = quiet,
    stop: Stop = never,
) -> ReconcileReport:
    """Resolve, pull, match, diff, plan, confirm, push, read back, state. Raises what the steps raise."""
    known(project, names)
    with running(project, "reconcile") as run:
        return Reconciling(project, tuple(names), run, choices, progress, stop).go(
            since, dry_run=dry_run, confirm=confirm
        )


@dataclass
class Reconciling:
    """One reconciliation. An undo goes the same way with another plan. `done` is what its good end is called, `left`
    its exit code while something is open that it did not plan to write, or did not get written.
    """

    project: Project
    names: tuple[str, ...]
    run: str
    choices: Choices
    progress: Progress
    stop: Stop
    done: str = OUTCOMES[0]
    left: int = DIFFERENCES

    def go(self, since: str | None, *, dry_run: bool, confirm: Confirm) -> ReconcileReport:
        project = self.project
        resolved: tuple[OperationResult, ...] = ()
        if project.journal.open_intents():
            project.settings.require_secrets(sorted(project.connectors))
            resolved = resolve_open(means(project, self.run, self.progress, self.stop), look_only=dry_run)
        pulled = pull(project, since=since, progress=self.progress)
        self.progress("plan", {})
        made = self.planned(dry_run=dry_run)
        trips = check(project, made, self.choices)
        applied, confirmed = None, True
        if made.changes and not dry_run and not trips:
            confirmed = confirm(made)
            if confirmed:
                # A person may sit at the question for longer than a plan is good for.
                check_fresh(made, situation(project))
                seen_from = project.clock.now() - SEEN
                applied = push_plan(project, made, self.run, self.choices, self.progress, self.stop, seen_from)
        found = self.standing(made) if applied else made
        findings = found.findings
        refused = bool(made.changes) and not dry_run and (bool(trips) or not confirmed)
        code = self._exit_code(made, applied, findings, resolved, refused=refused)
        finished = self._close(code, made, applied, trips if refused else ())
        lines = statement(project, frozenset(self.names), found.changes)
        return ReconcileReport(finished, made, applied, lines, findings, code, pulled, resolved, trips, confirmed)

    def planned(self, *, dry_run: bool) -> Plan:  # noqa: ARG002 - an undo's plan asks for it
        """The saved plan."""
        return plan_for(self.project, self.names, self.run)

    def standing(self, _made: Plan) -> Draft | Plan:
        """What is open after the apply, and what a plan made now would correct."""
        return standing(self.project, self.project.projections(), frozenset(self.names))

    def _exit_code(
        self,
        made: Plan,
        applied: ApplyReport | None,
        findings: tuple[Finding, ...],
        resolved: tuple[OperationResult, ...],
        *,
        refused: bool,
    ) -> int:
        """What the run and the shell are told; the same number in both."""
        stopped = self.stop() or (applied.exit_code if applied is not None else 0)
        if stopped:
            return stopped
        if refused:
            return GUARD
        # An earlier write may still be unknown, or wait for a person.
        code = exit_code(resolved) or open_code(made.changes if applied is None else (), findings)
        return self.left if code == DIFFERENCES and (applied is not None or not made.changes) else code

    def _close(self, code: int, made: Plan, applied: ApplyReport | None, stopped: tuple[GuardTrip, ...]) -> Run:
        counts = {"changes": len(made.changes), **(applied.counts if applied else {})}
        planned = code == DIFFERENCES and made.changes and applied is None
        outcome = PLANNED if planned else {**OUTCOMES, 0: self.done}.get(code, "stopped")
        if applied is not None and applied.run.outcome in (NOT_READ_BACK, PAUSED):
            outcome = applied.run.outcome
        elif any(trip.guard == PAUSE for trip in stopped):
            outcome = PAUSED
        return self.project.journal.runs.finish(self.run, outcome, code, counts)
