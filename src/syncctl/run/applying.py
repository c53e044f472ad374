"""The use cases apply, reconcile and resume. I/O: vendors, ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from syncctl.connectors.base import Connector
from syncctl.errors import SyncctlError
from syncctl.guards import Facts, GuardTrip, check_guards
from syncctl.ledger.lock import locked
from syncctl.mapping.language import Guards
from syncctl.model import Finding, Plan, Run, StatementLine
from syncctl.planfile import Situation, check_fresh
from syncctl.project import Project
from syncctl.push import Means, OperationResult, exit_code, push, resolve_open
from syncctl.push import resume as push_resume
from syncctl.run.planning import known, open_findings, plan_for, refresh_all, statement
from syncctl.run.pull import Progress, PullReport, check_company, pull, quiet, read_again

Stop = Callable[[], bool]
Confirm = Callable[[Plan], bool]
IN_SYNC: Final = 0
DIFFERENCES: Final = 2
GUARD: Final = 6


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a plan. `counts` is operations by state."""

    run: Run
    rows: tuple[OperationResult, ...]
    exit_code: int

    @property
    def counts(self) -> dict[str, int]:
        """Operations by state."""
        return dict(Counter(str(row.state) for row in self.rows))


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """One whole reconciliation. `applied` is None when nothing was sent; `trips` says which guards refused."""

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


@dataclass(frozen=True)
class Choices:
    """What the caller decided: overrides of guards, and how much to see."""

    overrides: Guards = field(default_factory=Guards)
    allow_shrunk: bool = False
    first_run: bool = False
    period: tuple[date, date] | None = None


def means(project: Project, run: str, progress: Progress, stop: Stop) -> Means:
    """What a push works with."""
    schemas = project.schemas()
    return Means(
        run,
        project.journal,
        project.records,
        _Connectors(project),
        lambda system, kind: schemas[system, kind],
        project.clock,
        project.new_id,
        progress=progress,
        stop=stop,
    )


class _Connectors(Mapping[str, Connector]):
    """The project's connectors, each made when it is first asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __getitem__(self, name: str) -> Connector:
        return self.project.connector(name)

    def __contains__(self, name: object) -> bool:
        return name in self.project.settings.systems

    def __iter__(self) -> Iterator[str]:
        return iter(self.project.settings.systems)

    def __len__(self) -> int:
        return len(self.project.settings.systems)


def never() -> bool:
    """Nobody asks to stop."""
    return False


def check(project: Project, made: Plan, choices: Choices, pulled: PullReport | None = None) -> tuple[GuardTrip, ...]:
    """Every guard the plan trips."""
    scope = {
        mapping.name: project.books.sides.in_scope(
            project.lookups.mapping_id(mapping.name), "left" if mapping.create == "left" else "right"
        )
        for mapping in project.mappings
    }
    facts = Facts(
        first_run=_first_run(project) and not choices.first_run,
        live=project.settings.live,
        shrunk=pulled.shrunk if pulled else (),
        allow_shrunk=choices.allow_shrunk,
    )
    return check_guards(
        made,
        project.settings.guards,
        mappings={mapping.name: mapping.guards for mapping in project.mappings},
        in_scope=scope,
        overrides=choices.overrides,
        facts=facts,
    )


def _first_run(project: Project) -> bool:
    """True until a run on this ledger has shown a plan."""
    return not any(run.finished_at and run.command in ("plan", "reconcile") for run in project.journal.runs.list(50))


def apply(
    project: Project,
    made: Plan,
    *,
    choices: Choices = Choices(),
    progress: Progress = quiet,
    stop: Stop = never,
) -> ApplyReport:
    """Sends a saved plan. Raises StalePlanError, GuardTripped, LockedError, VendorError."""
    run = project.new_id()
    with locked(project.settings.ledger, run, project.clock):
        project.journal.runs.start(run, "apply")
        with _finishing(project, run):
            for system in {change.target.system for change in made.changes}:
                check_company(project, system)
            check_fresh(made, situation(project))
            resolve_open(means(project, run, progress, stop))
            trips = check(project, made, choices)
            if trips:
                raise trips[0].error()
            return _push(project, made, run, progress, stop)


def situation(project: Project) -> Situation:
    """What a plan is compared with."""
    return Situation(
        project.clock.now(),
        project.engine.lineage,
        project.records.serial(),
        project.config_hash,
        project.tool_version,
        {name: pin[0] for name, pin in project.records.pins().items()},
    )


class _finishing:  # noqa: N801 - reads as a verb where it is used
    """Writes down how a run ended when an error ends it."""

    def __init__(self, project: Project, run: str) -> None:
        self.project, self.run = project, run

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, SyncctlError):
            self.project.journal.runs.finish(self.run, type(error).__name__, error.exit_code, {})


def _push(project: Project, made: Plan, run: str, progress: Progress, stop: Stop) -> ApplyReport:
    rows = push(made, means(project, run, progress, stop))
    return _pushed(project, rows, run)


def _pushed(project: Project, rows: tuple[OperationResult, ...], run: str) -> ApplyReport:
    """Reads back what was written, brings the ledger up to date, closes the run."""
    read_again(project)
    refresh_all(project, project.projections())
    code = exit_code(rows)
    counts = dict(Counter(str(row.state) for row in rows))
    finished = project.journal.runs.finish(run, "applied" if code == 0 else "partly applied", code, counts)
    return ApplyReport(finished, rows, code)


def resume(project: Project, earlier: str, *, progress: Progress = quiet, stop: Stop = never) -> ApplyReport:
    """Goes on with a run's half-applied plan. Raises UsageError, StalePlanError, LockedError."""
    run = project.new_id()
    with locked(project.settings.ledger, run, project.clock):
        project.journal.runs.start(run, f"runs resume {earlier}")
        with _finishing(project, run):
            using = means(project, run, progress, stop)
            for system in project.connectors:
                check_company(project, system)
            resolved = resolve_open(using)
            plan = project.journal.runs.plan_of(earlier)
            nothing_left = bool(plan and resolved) and not project.journal.operations.unsent(plan)
            return _pushed(project, resolved if nothing_left else push_resume(earlier, using), run)


def reconcile(
    project: Project,
    names: Sequence[str] = (),
    *,
    dry_run: bool = False,
    confirm: Confirm = lambda _plan: True,
    choices: Choices = Choices(),
    since: str | None = None,
    progress: Progress = quiet,
    stop: Stop = never,
) -> ReconcileReport:
    """Resolve, pull, match, diff, plan, confirm, push, read back, state. Raises what the steps raise."""
    known(project, names)
    run = project.new_id()
    with locked(project.settings.ledger, run, project.clock):
        project.journal.runs.start(run, "reconcile")
        with _finishing(project, run):
            return _Reconciling(project, tuple(names), run, choices, progress, stop).go(
                since, dry_run=dry_run, confirm=confirm
            )


@dataclass
class _Reconciling:
    """One reconciliation."""

    project: Project
    names: tuple[str, ...]
    run: str
    choices: Choices
    progress: Progress
    stop: Stop

    def go(self, since: str | None, *, dry_run: bool, confirm: Confirm) -> ReconcileReport:
        project = self.project
        resolved: tuple[OperationResult, ...] = ()
        if project.journal.open_intents():
            resolved = resolve_open(means(project, self.run, self.progress, self.stop), look_only=dry_run)
        pulled = pull(project, since=since, progress=self.progress)
        made = plan_for(project, self.names, self.run)
        trips = check(project, made, self.choices, pulled)
        applied, confirmed = None, True
        if made.changes and not dry_run and not trips:
            confirmed = confirm(made)
            if confirmed:
                applied = _push(project, made, self.run, self.progress, self.stop)
        findings = open_findings(project, project.projections(), frozenset(self.names)) if applied else made.findings
        code = self._exit_code(made, applied, findings, bool(trips), dry_run=dry_run, confirmed=confirmed)
        if code in (IN_SYNC, DIFFERENCES) and exit_code(resolved):
            code = exit_code(resolved)  # an earlier write is still unknown, or waits for a person
        counts = {"changes": len(made.changes), **(applied.counts if applied else {})}
        finished = project.journal.runs.finish(self.run, _outcome(code), code, counts)
        lines = statement(project, frozenset(self.names))
        return ReconcileReport(finished, made, applied, lines, findings, code, pulled, resolved, trips, confirmed)

    def _exit_code(
        self,
        made: Plan,
        applied: ApplyReport | None,
        findings: tuple[Finding, ...],
        tripped: bool,
        *,
        dry_run: bool,
        confirmed: bool,
    ) -> int:
        if applied is not None and applied.exit_code:
            return applied.exit_code
        if made.changes and not dry_run and (tripped or not confirmed):
            return GUARD
        if (made.changes and applied is None) or any(_counts(finding) for finding in findings):
            return DIFFERENCES
        return IN_SYNC


def _counts(finding: Finding) -> bool:
    """True for a finding that keeps the books from being in sync."""
    return not finding.accepted


def _outcome(code: int) -> str:
    return {0: "in sync", 2: "open items", 5: "partly applied", 6: "not applied"}.get(code, "stopped")
