"""Sends a plan: the only caller of `Connector.send`. I/O: ledger, vendors.

push          a saved plan, once
resume        what an earlier run left unsent of its plan
results       what became of a plan's changes so far; sends nothing
resolve_open  the first step of every run: what became of writes without a clear answer
renew_dependents  after a person's word about a write: what waited for it says what it waits for now
"""

from __future__ import annotations

from collections.abc import Mapping

from syncctl.ledger.journal import NOTHING_LEFT
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Plan
from syncctl.push.compare import differing
from syncctl.push.drive import Drive
from syncctl.push.means import Means, OperationResult, RecordStore, StopKind, exit_code, result_of
from syncctl.push.refusal import fingerprint
from syncctl.push.resolve import find_out, resolve_open
from syncctl.push.waiting import renew, renew_dependents, waits_for

__all__ = [
    "Means",
    "Operation",
    "OperationResult",
    "RecordStore",
    "StopKind",
    "differing",
    "exit_code",
    "fingerprint",
    "push",
    "renew_dependents",
    "resolve_open",
    "results",
    "resume",
]


def push(plan: Plan, means: Means, left: Mapping[str, str] = NOTHING_LEFT) -> tuple[OperationResult, ...]:
    """Sends a saved, fresh, guarded plan; returns what became of each change, in the plan's order. Not sent is what
    `left` names: intent to the reason that a person gave.

    Raises StalePlanError when the plan is not the saved one or was used; nothing was sent then.
    """
    means.journal.begin(plan, means.run, means.ids, left)
    means.reach("plan-opened")
    return _go_on(plan.id, means)


def resume(run: str, means: Means) -> tuple[OperationResult, ...]:
    """Sends what the run `run` left unsent of its plan. Call `resolve_open` before.

    Raises UsageError when that run applied no plan, StalePlanError when nothing of it can be sent any more.
    """
    plan = means.journal.resume(run, means.run)
    return _go_on(plan, means)


def results(plan: str, means: Means) -> tuple[OperationResult, ...]:
    """What became of each change of a plan by now, in the plan's order."""
    return tuple(result_of(one, None) for one in means.journal.operations.of_plan(plan))


def _go_on(plan: str, means: Means) -> tuple[OperationResult, ...]:
    operations = means.journal.operations
    drive = Drive(means)
    asked: set[str] = set()
    while not means.stop():
        _pass(drive, plan)
        unknown = [one for one in operations.of_plan(plan, {State.UNKNOWN}) if one.id not in asked]
        if not unknown:
            break
        # Once per operation and run: what is found now lets its dependents go.
        asked.update(one.id for one in unknown)
        find_out(drive, unknown)
    # Asked again only in the next round, which does not come for a system that stopped.
    renew(means, operations.of_plan(plan, {State.HELD}), lambda one: drive.halted or one.system in drive.stops)
    means.reach("before-finish")
    return tuple(result_of(one, drive.stop_of(one.system)) for one in operations.of_plan(plan))


def _pass(drive: Drive, plan: str) -> None:
    """Sends until a round changes nothing: what one round applied may be what the next one waited for."""
    operations = drive.means.journal.operations
    while not drive.halted:
        _release(drive, plan)
        before = _left(drive.means, plan)
        drive.run(operations.of_plan(plan, {State.PLANNED}))
        if _left(drive.means, plan) in (before, frozenset()):
            return


def _left(means: Means, plan: str) -> frozenset[str]:
    unsent = means.journal.operations.of_plan(plan, {State.PLANNED, State.HELD})
    return frozenset(operation.id for operation in unsent)


def _release(drive: Drive, plan: str) -> None:
    """HELD operations that wait for nothing any more are PLANNED again."""
    means = drive.means
    held = means.journal.operations.of_plan(plan, {State.HELD})
    free = [one for one in held if one.system not in drive.stops and not waits_for(means, one)]
    if not free:
        return
    with means.journal.write() as db:
        for operation in free:
            means.journal.operations.move(db, means.run, operation, State.PLANNED)
