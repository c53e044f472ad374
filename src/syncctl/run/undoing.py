"""The use case undo: what a run wrote, taken back by a plan against how things stand now. I/O: vendors, ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncctl.errors import UsageError
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import OPEN, State
from syncctl.model import Plan, Ref
from syncctl.plan.draft import trouble
from syncctl.plan.order import in_order
from syncctl.plan.planning import Planning
from syncctl.plan.registry import Planned, Standing
from syncctl.plan.undoing import WayBack, Written, plan_way_back
from syncctl.project import Project
from syncctl.run.applying import PARTLY
from syncctl.run.guarding import NOTHING_CHOSEN, Choices
from syncctl.run.planning import refresh_all, save_plan
from syncctl.run.progress import Progress, quiet
from syncctl.run.reading_again import read_refs
from syncctl.run.reconciling import Confirm, ReconcileReport, Reconciling
from syncctl.run.resuming import plan_of
from syncctl.run.running import Stop, never, running


def undo(
    project: Project,
    earlier: str,
    *,
    dry_run: bool = False,
    confirm: Confirm = lambda _plan: True,
    choices: Choices = NOTHING_CHOSEN,
    progress: Progress = quiet,
    stop: Stop = never,
) -> ReconcileReport:
    """Takes back what a run wrote, as far as nobody changed it since: pull, plan, confirm, push, read back, state.

    Raises UsageError when there is no such run or it wrote nothing, and what the steps raise.
    """
    written = plan_of(project, earlier)
    with running(project, f"undo {earlier}") as run:
        undoing = _Undoing(project, (), run, choices, progress, stop, "undone", PARTLY, earlier, written)
        return replace(undoing.go(None, dry_run=dry_run, confirm=undoing.agreed(confirm)), undoes=earlier)


@dataclass
class _Undoing(Reconciling):
    """One undo of the plan `written`, which the run `earlier` sent."""

    earlier: str = ""
    written: str = ""
    back: tuple[Operation, ...] = ()

    def agreed(self, confirm: Confirm) -> Confirm:
        """The question, and after a yes the holds of what is back already."""

        def ask(made: Plan) -> bool:
            confirmed = confirm(made)
            if confirmed:
                self._hold()
            return confirmed

        return ask

    def planned(self, *, dry_run: bool) -> Plan:
        """What takes back what was written, against each record as it is now, whatever a list of changes says of it."""
        project = self.project
        read_refs(project, sorted(_targets(self._operations())))
        refresh_all(project, project.projections())
        operations = self._operations()
        _refuse_nothing(project, self.earlier, operations)
        made = self._way_back(operations)
        self.back = made.back
        if not dry_run and not made.changes:
            self._hold()  # nothing is asked then
        parts = [part for change in made.changes for part in project.connector(change.target.system).parts(change)]
        return save_plan(project, in_order(parts), made.findings, self.run)

    def standing(self, made: Plan) -> Plan:
        """What stays."""
        return replace(made, changes=())

    def _operations(self) -> tuple[Operation, ...]:
        """What became of the plan, without what was never written."""
        return self.project.journal.operations.of_plan(self.written, {State.APPLIED, *OPEN})

    def _way_back(self, operations: Sequence[Operation]) -> WayBack:
        project = self.project
        open_intents = {intent: str(state) for intent, state in project.journal.open_intents().items()}
        read_only = frozenset(name for name, system in project.settings.systems.items() if system.read_only)
        standing, troubled, at = Standing(open_intents, read_only), trouble(project.books), project.at()

        def afresh() -> Planning:
            return Planning(project.projections()[0][0], project.books, Planned(standing, troubled), at)

        journal = project.journal.operations
        later = journal.later_writers(self.written, _targets(operations))
        return plan_way_back(afresh, Written(operations, journal.undone(operations), later))

    def _hold(self) -> None:
        """What somebody took back by hand is on hold like what this run takes back."""
        at = self.project.at()
        with self.project.engine.write():
            for operation in self.back:
                for ref in _targets([operation]):
                    self.project.books.holds.put(ref, f"{self.run}:{operation.id}", self.run, at)
        for operation in self.back:
            held = {"operation": operation.id, "record": str(operation.ref or operation.change.target)}
            self.project.journal.runs.note(self.run, "undo.back_already", held)


def _refuse_nothing(project: Project, run: str, operations: Sequence[Operation]) -> None:
    """Raises UsageError when a run wrote nothing that stands."""
    undone = project.journal.operations.undone(operations)
    if not any(one.id not in undone for one in operations):
        by = f": run {next(iter(undone.values()))} took it back" if undone else ""
        raise UsageError(f"nothing that run {run} wrote is left to undo{by}", fix=f"syncctl runs show {run}")


def _targets(operations: Sequence[Operation]) -> set[Ref]:
    """The records that operations wrote."""
    refs = {one.ref or (one.sent or one.change).target for one in operations}
    return {ref for ref in refs if not ref.provisional}
