"""What an undo leaves as it is, whichever command sends its plan: asked of the plan it saved. I/O: the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.ledger.states import OPEN, State
from syncctl.model import Finding, Plan
from syncctl.project import Project


@dataclass(frozen=True, slots=True)
class Staying:
    """The run that a plan takes back, and what of it stays; both empty for a plan that takes nothing back."""

    undoes: str = ""
    findings: tuple[Finding, ...] = ()


NOTHING_STAYS: Final = Staying()


def what_stays(project: Project, made: Plan) -> Staying:
    """What the plan named as not to be undone, but for what another undo has taken back since."""
    operations = project.journal.operations
    first = next((operations.find(change.undoes) for change in made.changes if change.undoes), None)
    if first is None:
        return NOTHING_STAYS
    named = tuple(finding for finding in made.findings if finding.stays)
    if named:
        written = operations.of_plan(first.plan, {State.APPLIED, *OPEN})
        undone = operations.undone(written)
        gone = {one.ref for one in written if one.id in undone} - {one.ref for one in written if one.id not in undone}
        named = tuple(one for one in named if not gone & ({one.left, one.right} - {None}))
    return Staying(project.journal.plans.used_by(first.plan), named)
