"""Whether an operation may be sent now: parents, open writes of the same intent, holds. I/O: ledger."""

from __future__ import annotations

from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.push.fill import Waits
from syncctl.push.means import Means


def check_gate(means: Means, operation: Operation) -> None:
    """Raises Waits unless every parent is in agreement or APPLIED. Asks the journal every time, never memory."""
    for intent in operation.change.parents:
        reason = _parent_reason(means, operation, intent)
        if reason:
            raise Waits(reason)
    other = means.journal.operations.open_of(operation.intent)
    if other is not None and other.id != operation.id:
        raise Waits(f"an earlier write of the same change is {other.state} (operation {other.id})")
    hold = means.holds(operation.change)
    if hold:
        raise Waits(hold)
    if operation.system not in means.connectors:
        raise Waits(f"{operation.system} is not configured")


def _parent_reason(means: Means, operation: Operation, intent: str) -> str:
    """Why a parent holds its dependents; empty when it does not.

    A parent that this plan does not write is in agreement, unless its own last write failed or is open.
    """
    operations = means.journal.operations
    here = operations.last(intent, operation.plan)
    parent = operations.open_of(intent) or here or operations.last(intent)
    if parent is None or parent.state is State.APPLIED:
        return ""
    if here is None and parent.state in (State.PLANNED, State.HELD, State.LAPSED):
        return ""
    why = f"{_WORDS[parent.state]}: {parent.message}" if parent.message else _WORDS[parent.state]
    return f"waits for {parent.change.name or intent}, which {why}"


_WORDS = {
    State.PLANNED: "was not sent",
    State.HELD: "is held itself",
    State.SENDING: "is being sent",
    State.REJECTED: "was refused",
    State.CONFLICT: "was changed by somebody meanwhile",
    State.UNKNOWN: "may or may not have happened",
    State.REVIEW: "needs a person's decision",
    State.LAPSED: "is left to the next plan",
}
