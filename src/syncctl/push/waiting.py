"""Keeps the reasons of HELD operations true: what they wait for may have been decided since. I/O: ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.states import State
from syncctl.push.fill import Waits
from syncctl.push.gate import check_gate
from syncctl.push.means import Means

FREE: Final = Detail(message="not sent yet: what it waited for was written")
"""What is said of an operation that nothing holds any more, until a run sends it."""


def waits_for(means: Means, operation: Operation) -> str:
    """Why an operation may not be sent now; empty when it may."""
    try:
        check_gate(means, operation)
    except Waits as reason:
        return str(reason)
    return ""


def held(reason: str) -> Detail:
    """What the journal says of an operation that waits."""
    return Detail(code="held", message=reason)


def renew_dependents(means: Means, decided: Collection[str]) -> None:
    """After these intents were decided: every plan's operations that wait for one of them, directly or through
    another, say what they wait for now. What waits for nothing any more is PLANNED."""
    moved = set(decided)
    for operation in means.journal.operations.in_states({State.HELD}):
        waited = moved & {operation.intent, *operation.change.parents}
        if waited and _renew(means, operation, free=True):
            moved.add(operation.intent)


def renew(means: Means, operations: Sequence[Operation], stopped: Callable[[Operation], bool]) -> None:
    """At the end of a push: the same for its HELD operations. What a vendor's answer lacks is known to the send alone,
    so that reason is given up only where `stopped` says that no send was tried since."""
    for operation in operations:
        _renew(means, operation, free=stopped(operation))


def _renew(means: Means, operation: Operation, *, free: bool) -> bool:
    """True when the operation is told otherwise than before."""
    reason = waits_for(means, operation)
    if reason == operation.message or not (reason or free):
        return False
    with means.journal.write() as db:
        if reason:
            means.journal.operations.explain(db, means.run, operation, held(reason))
        else:
            means.journal.operations.move(db, means.run, operation, State.PLANNED, FREE)
    return True
