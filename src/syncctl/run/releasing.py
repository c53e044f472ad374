"""The use case that ends the holds of an undo, all at once. I/O: the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from syncctl.errors import NotHere
from syncctl.model import Ref
from syncctl.project import Project
from syncctl.run.heads import alone
from syncctl.run.planning import refresh_all
from syncctl.run.resuming import known_run
from syncctl.run.review import operator
from syncctl.values.naming import called


@dataclass(frozen=True, slots=True)
class Released:
    """A record that is free again, what people call it, and the run that had put it on hold."""

    ref: Ref
    name: str
    held_by: str


def release_run(project: Project, run: str) -> tuple[Released, ...]:
    """Ends every hold that the undo of a run put down; `run` is the one that was undone, or the undo itself. What
    another undo holds stays on hold.

    Raises UsageError when there is no such run, or nothing of it is on hold; LockedError.
    """
    known_run(project, run)
    compiled = project.projections()
    with alone(project, f"match release --run {run}"):
        with project.engine.write():
            plan = project.journal.runs.plan_of(run)
            held = project.books.holds.release_run(run, plan, by=operator(), at=project.at())
            if not held:
                raise NotHere(f"nothing is on hold after an undo of run {run}", fix="see `syncctl match list`")
            for projection, _ in compiled:
                project.books.passes.judge_again(project.lookups.mapping_id(projection.mapping.name))
            project.engine.bump_serial()
        refresh_all(project, compiled)
        catalogue = compiled[0][0].catalogue
        return tuple(Released(one.ref, called(one.ref, project.lookups, catalogue), one.run) for one in held)
