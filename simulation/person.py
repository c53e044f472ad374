"""The person who is asked: looks at the vendor, and settles what is in review. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncctl.errors import UsageError
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Action, Ref
from syncctl.run.settling import settle

if TYPE_CHECKING:
    from simulation.stage import SharedProject
    from simulation.world import World


def settle_reviews(world: World, project: SharedProject) -> int:
    """Says of every write in review what the vendor shows; returns how many. Nobody looks while requests may still
    be on their way."""
    if any(sandbox._late for sandbox in world.sandboxes.values()):
        return 0
    waiting = project.journal.operations.in_states({State.REVIEW})
    for operation in waiting:
        _settle(world, project, operation)
    return len(waiting)


def _settle(world: World, project: SharedProject, operation: Operation) -> None:
    change = operation.sent or operation.change
    record = _made(world, operation) if change.action is Action.CREATE else None
    # Of an update the next plan sees for itself whether it is there.
    verdict = "written" if record is not None else "never"
    world.note(f"a person settles {change.name} as {verdict}")
    try:
        settle(project, operation.id, verdict, "looked at the vendor", record=record)
    except UsageError as error:
        world.note(f"refused: {error.message}")
        settle(project, operation.id, "never", "it is not what this write made", record=None)


def _made(world: World, operation: Operation) -> Ref | None:
    """The record that stands for the source of a create, told by what a person would tell it by."""
    change = operation.sent or operation.change
    source = operation.change.source
    fact = world.facts.by_source().get(source) if source is not None else None
    if fact is None:
        return None
    found = world.truth.booked(fact.kind).get(fact.key, [])
    return Ref(change.target.system, change.target.kind, found[0]) if found else None
