"""The use case apply, and what reconcile and resume share with it: means, guards, the end of a push. I/O: vendors,
ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from syncctl.connectors.base import Connector
from syncctl.errors import StalePlanError, SyncctlError
from syncctl.model import Plan, Run
from syncctl.planfile import Situation, check_fresh
from syncctl.project import Project
from syncctl.push import Means, OperationResult, exit_code, push, resolve_open
from syncctl.run.guarding import NOTHING_CHOSEN, Choices, check, note_overrides, selected
from syncctl.run.leaving import note_left
from syncctl.run.pausing import paused, refuse_paused
from syncctl.run.planning import DIFFERENCES, refresh_all
from syncctl.run.progress import Progress, quiet
from syncctl.run.pull import check_company
from syncctl.run.reading_again import read_again
from syncctl.run.running import OUTCOMES, PAUSED, Stop, never, running
from syncctl.run.sources import PlanSources
from syncctl.run.staying import NOTHING_STAYS, Staying, what_stays

NOT_READ_BACK: Final = "not read back"
ROWS_ONLY: Final = frozenset({0, 2, 5})
"""Exit codes that only speak about the rows: an error of the run itself comes before them."""
PARTLY: Final = 5
"""What an undo leaves is a row that is not done."""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a plan: `rows` by this run, `earlier` by the runs of the same plan before it. `unread` is why
    what was written could not be read back; the next run reads it. Of an undo `staying` says which run it takes back,
    and what of it stays.
    """

    run: Run
    rows: tuple[OperationResult, ...]
    exit_code: int
    earlier: tuple[OperationResult, ...] = ()
    unread: SyncctlError | None = None
    staying: Staying = NOTHING_STAYS

    @property
    def counts(self) -> dict[str, int]:
        """This run's operations by state."""
        return counted(self.rows)


def counted(rows: tuple[OperationResult, ...]) -> dict[str, int]:
    """Operations by state."""
    return dict(Counter(str(row.state) for row in rows))


def means(
    project: Project,
    run: str,
    progress: Progress,
    stop: Stop,
    *,
    fail_fast: bool = False,
    seen_from: datetime | None = None,
) -> Means:
    """What a push works with. Sources that were pulled since `seen_from` are not read again (None: all are)."""
    schemas = project.schemas()
    return Means(
        run,
        project.journal,
        project.records,
        _Connectors(project),
        lambda system, kind: schemas[system, kind],
        project.clock,
        project.new_id,
        sources=PlanSources(project, seen_from),
        progress=progress,
        stop=stop,
        paused=lambda: paused(project),
        fail_fast=fail_fast,
        canary=project.settings.safeguards.canary,
        answered=project.answered,
        redact=project.redact,
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
        refuse_paused(project)
        sources = {source.system for change in made.changes for _, source in change.sources}
        systems = sorted({change.target.system for change in made.changes} | sources)
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


def push_plan(
    project: Project,
    made: Plan,
    run: str,
    choices: Choices,
    progress: Progress,
    stop: Stop,
    seen_from: datetime | None = None,
) -> ApplyReport:
    """Sends a plan that passed every check, as part of a run. See `means` for `seen_from`."""
    using = means(project, run, progress, stop, fail_fast=choices.fail_fast, seen_from=seen_from)
    left = selected(project, made, choices).left
    note_overrides(project, made, run, choices)
    rows = push(made, using, left)
    # What a person left out stays open, and that is no failure of a row.
    code = stop() or exit_code(rows) or (DIFFERENCES if left else 0)
    report = close_push(project, run, rows, code, progress, staying=what_stays(project, made))
    note_left(project, made, left)
    return report


def close_push(
    project: Project,
    run: str,
    rows: tuple[OperationResult, ...],
    code: int,
    progress: Progress,
    earlier: tuple[OperationResult, ...] = (),
    staying: Staying = NOTHING_STAYS,
) -> ApplyReport:
    """Reads back what was written, brings the ledger up to date, closes the run.

    What was written is told in any case: a read that fails now changes nothing about it.
    """
    progress("read back", {})
    unread: SyncctlError | None = None
    try:
        read_again(project)
    except SyncctlError as error:
        unread = error
    refresh_all(project, project.projections())
    if staying.findings and code in (0, DIFFERENCES):
        code = PARTLY
    outcome = "applied" if code == 0 else OUTCOMES.get(code, "stopped")
    if any(row.stop == PAUSED for row in rows):
        outcome = PAUSED
    if unread is not None and code in ROWS_ONLY:
        outcome, code = NOT_READ_BACK, unread.exit_code
    finished = project.journal.runs.finish(run, outcome, code, counted(rows))
    return ApplyReport(finished, rows, code, earlier, unread, staying)
