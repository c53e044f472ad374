"""The use case apply, and what reconcile and resume share with it: means, guards, the end of a push. I/O: vendors,
ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from syncctl.connectors.base import Connector
from syncctl.errors import StalePlanError
from syncctl.guards import Facts, GuardTrip, check_guards
from syncctl.mapping.language import Guards
from syncctl.model import Plan, Run
from syncctl.planfile import Situation, check_fresh
from syncctl.project import Project
from syncctl.push import Means, OperationResult, exit_code, push, resolve_open
from syncctl.run.planning import refresh_all
from syncctl.run.pull import Progress, PullReport, check_company, quiet, read_again
from syncctl.run.running import OUTCOMES, PLANNED, Stop, never, running

SHOWN: Final = frozenset({PLANNED, *(OUTCOMES[code] for code in (0, 2, 5, 6))})
"""Outcomes of a run that has shown a plan."""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a plan: `rows` by this run, `earlier` by the runs of the same plan before it."""

    run: Run
    rows: tuple[OperationResult, ...]
    exit_code: int
    earlier: tuple[OperationResult, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """This run's operations by state."""
        return counted(self.rows)


@dataclass(frozen=True)
class Choices:
    """What the caller decided: overrides of guards, and `fail_fast`: the first row that is not applied ends it."""

    overrides: Guards = field(default_factory=Guards)
    allow_shrunk: bool = False
    first_run: bool = False
    fail_fast: bool = False


NOTHING_CHOSEN: Final = Choices()


def counted(rows: tuple[OperationResult, ...]) -> dict[str, int]:
    """Operations by state."""
    return dict(Counter(str(row.state) for row in rows))


def means(project: Project, run: str, progress: Progress, stop: Stop, *, fail_fast: bool = False) -> Means:
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
        fail_fast=fail_fast,
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


def check(project: Project, made: Plan, choices: Choices, pulled: PullReport | None = None) -> tuple[GuardTrip, ...]:
    """Every guard the plan trips."""
    scope = {
        mapping.name: project.books.candidates.in_scope(
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
    return not project.journal.runs.ended(("plan", "reconcile"), SHOWN)


def apply(
    project: Project,
    made: Plan,
    *,
    choices: Choices = NOTHING_CHOSEN,
    progress: Progress = quiet,
    stop: Stop = never,
) -> ApplyReport:
    """Sends a saved plan. Raises StalePlanError, GuardTripped, LockedError, CredentialError, VendorError."""
    with running(project, "apply") as run:
        _refuse_used(project, made)
        systems = sorted({change.target.system for change in made.changes})
        open_systems(project, systems, progress)
        check_fresh(made, situation(project))
        resolve_open(means(project, run, progress, stop))
        trips = check(project, made, choices)
        if trips:
            raise trips[0].error()
        return push_plan(project, made, run, choices, progress, stop)


def _refuse_used(project: Project, made: Plan) -> None:
    """Every other sign of age would be true as well, and say less."""
    used_by = project.journal.plans.used_by(made.id)
    if used_by:
        raise StalePlanError(f"the plan {made.id} was used by run {used_by}", fix=f"syncctl runs show {used_by}")


def open_systems(project: Project, systems: list[str], progress: Progress) -> None:
    """Asks each vendor whose books the credential opens. Raises CredentialError, GuardTripped, VendorError."""
    project.settings.require_secrets(systems)
    for system in systems:
        progress("open", {"system": system})
        check_company(project, system)


def situation(project: Project) -> Situation:
    """What a plan is compared with."""
    return Situation(
        project.clock.now(),
        project.engine.lineage,
        project.engine.serial(),
        project.config_hash,
        project.tool_version,
        {name: pin[0] for name, pin in project.records.pins().items()},
    )


def push_plan(project: Project, made: Plan, run: str, choices: Choices, progress: Progress, stop: Stop) -> ApplyReport:
    """Sends a plan that passed every check, as part of a run."""
    rows = push(made, means(project, run, progress, stop, fail_fast=choices.fail_fast))
    return close_push(project, run, rows, stop() or exit_code(rows), progress)


def close_push(
    project: Project,
    run: str,
    rows: tuple[OperationResult, ...],
    code: int,
    progress: Progress,
    earlier: tuple[OperationResult, ...] = (),
) -> ApplyReport:
    """Reads back what was written, brings the ledger up to date, closes the run."""
    progress("read back", {})
    read_again(project)
    refresh_all(project, project.projections())
    outcome = "applied" if code == 0 else OUTCOMES.get(code, "stopped")
    finished = project.journal.runs.finish(run, outcome, code, counted(rows))
    return ApplyReport(finished, rows, code, earlier)
