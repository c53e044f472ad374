"""Finds out what became of writes without a clear answer. I/O: ledger, reads, replays.

First look whether it happened. If not, and the vendor still remembers the key, the same bytes go out again. Else wait
until a request on its way can no longer arrive, look once more, and only then use the next key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from syncctl.connectors.base import Card
from syncctl.errors import SyncctlError
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.requests import SentRequest
from syncctl.ledger.states import State
from syncctl.model import Action, Outcome, WriteReceipt
from syncctl.planfile import too_old
from syncctl.push.compare import Standing
from syncctl.push.drive import Drive, decide_unsent, wait
from syncctl.push.fresh import judge, read_refs
from syncctl.push.means import Means, OperationResult, result_of, stop_for
from syncctl.push.send import window_seconds
from syncctl.push.settle import store_read_back
from syncctl.push.telling import UNDECIDED, unanswered, waited_for
from syncctl.push.waiting import renew_dependents

READ_ABSENCE_SECONDS: Final = 120.0
"""A read by id shows an update at once; this only covers answers from a stale replica."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request without a clear answer, and its operations that are still UNKNOWN."""

    sent: SentRequest
    operations: tuple[Operation, ...]

    @property
    def whole(self) -> bool:
        """True when nothing of the request is decided: only then may it be replayed."""
        return {operation.id for operation in self.operations} == set(self.sent.request.rows)

    @property
    def system(self) -> str:
        return self.sent.request.system


def resolve_open(means: Means, *, look_only: bool = False) -> tuple[OperationResult, ...]:
    """Decides every open write that earlier runs left; the first step of every run. Returns what became of each.

    `look_only` sends nothing: a dry run settles what it can see and leaves the rest.
    """
    open_now = means.journal.operations.in_states({State.SENDING, State.UNKNOWN})
    mark_unknown(means, open_now)
    drive = Drive(means)
    find_out(drive, means.journal.operations.again(open_now), look_only=look_only)
    renew_dependents(means, {operation.intent for operation in open_now})
    done = means.journal.operations.again(open_now)
    return tuple(result_of(operation, drive.stops.get(operation.system)) for operation in done)


def mark_unknown(means: Means, operations: Iterable[Operation]) -> None:
    """Writes that a dead process left SENDING: nobody knows whether they went out."""
    detail = Detail(code="interrupted", message="the run ended while this was being sent", fix=UNDECIDED)
    cut_short = [operation for operation in operations if operation.state is State.SENDING]
    if not cut_short:
        return
    with means.journal.write() as db:
        for operation in cut_short:
            means.journal.operations.move(db, means.run, operation, State.UNKNOWN, detail)
    means.reach("after-unknown")


def find_out(drive: Drive, operations: Iterable[Operation], *, look_only: bool = False) -> None:
    """Takes UNKNOWN operations as far as they can be taken now."""
    means = drive.means
    cases = [case for case in _cases(means, operations) if case.system in means.connectors]
    for case in cases:
        _try_now(drive, case, look_only=look_only)
    if look_only or drive.closed:
        return
    left = _cases(means, means.journal.operations.again(one for case in cases for one in case.operations))
    left = tuple(case for case in left if case.system not in drive.stops)
    if not _wait_for_absence(means, [case for case in left if not _undecidable(means, case)]):
        return
    for case in left:
        if not means.stop():
            _decide(drive, case)


def _cases(means: Means, operations: Iterable[Operation]) -> tuple[Case, ...]:
    """UNKNOWN operations by the last request that carried them."""
    found = [
        (sent, operation)
        for operation in operations
        if operation.state is State.UNKNOWN and (sent := means.journal.requests.last_of(operation.id)) is not None
    ]
    found.sort(key=lambda pair: (pair[0].id, pair[1].position))
    return tuple(
        Case(pairs[0][0], tuple(operation for _, operation in pairs))
        for pairs in (list(group) for _, group in groupby(found, key=lambda pair: pair[0].id))
    )


def _try_now(drive: Drive, case: Case, *, look_only: bool) -> None:
    """Looks at once, and replays what was not found where the vendor still remembers the key."""
    means = drive.means
    if means.stop() or case.system in drive.stops:
        return
    means.progress("look", unanswered(case.sent, case.operations))
    absent = _look(drive, case)
    card = means.connectors[case.system].card
    whole = len(absent) == len(case.operations)
    if absent and whole and not look_only and replayable(card, case, means.clock.now()):
        drive.replay(case.sent, absent)


def replayable(card: Card, case: Case, now: datetime) -> bool:
    """True when the same bytes under the same key cannot write twice: the whole request is open, the vendor will
    still remember the key when the replay arrives, and the answer would not be a saved server error."""
    if not case.whole or (card.replays_server_errors and (case.sent.status or 0) >= 500):
        return False
    remembered = case.sent.first_sent_at + timedelta(seconds=card.retention_seconds - window_seconds(card))
    return case.sent.first_sent_at <= now < remembered


def _look(drive: Drive, case: Case) -> tuple[Operation, ...]:
    """Settles what can be seen to have happened; returns the operations of which nothing is to be seen.

    Returns none, and stops the system, when the vendor cannot be asked.
    """
    means = drive.means
    means.reach("before-probe")
    try:
        if case.sent.request.action is Action.CREATE:
            return _probe(means, case)
        return _read(means, case)
    except SyncctlError as error:
        drive.stops[case.system] = stop_for(error)
        return ()


def _probe(means: Means, case: Case) -> tuple[Operation, ...]:
    request = case.sent.request
    by_row = {operation.id: operation for operation in means.journal.operations.by_ids(request.rows)}
    changes = [by_row[row].sent or by_row[row].change for row in request.rows]
    since = means.journal.requests.since(case.sent.id)
    receipts = means.connectors[case.system].probe(request, changes, since)
    means.reach("after-probe")
    found = {receipt.row: receipt for receipt in receipts if receipt.outcome is Outcome.APPLIED and receipt.ref}
    with means.journal.write() as db:
        for operation in case.operations:
            if operation.id in found:
                receipt = found[operation.id]
                store_read_back(means, operation, receipt)
                means.journal.operations.move(db, means.run, operation, State.APPLIED, _found(receipt))
    return tuple(operation for operation in case.operations if operation.id not in found)


def _found(receipt: WriteReceipt) -> Detail:
    return Detail(ref=receipt.ref, read_back=receipt.record is not None, message="found at the vendor by its marker")


def _read(means: Means, case: Case) -> tuple[Operation, ...]:
    """An update is seen in the record itself."""
    changes = {operation.id: operation.sent or operation.change for operation in case.operations}
    records = read_refs(means, [change.target for change in changes.values()])
    means.reach("after-probe")
    absent = []
    for operation in case.operations:
        change = changes[operation.id]
        verdict = judge(means.connectors[case.system], change, records.get(change.target), operation.base)
        if verdict.standing is Standing.OPEN:
            absent.append(operation)
        else:
            decide_unsent(means, operation, verdict)
    return tuple(absent)


def _absence_seconds(card: Card, case: Case) -> float | None:
    if case.sent.request.action is Action.CREATE or card.absence_seconds is not None:
        return card.absence_seconds
    return READ_ABSENCE_SECONDS


def _undecidable(means: Means, case: Case) -> bool:
    """True when looking never proves that it did not happen."""
    return _absence_seconds(means.connectors[case.system].card, case) is None


def _wait_for_absence(means: Means, cases: Sequence[Case]) -> bool:
    """Waits once for all: until none of these requests can still arrive unseen. False when a signal cut it short.

    All of them were sent before now, so a clock that was put back cannot make it longer than that.
    """
    now = means.clock.now()
    waits = [(case, _seconds_left(means, case, now)) for case in cases]
    for case, seconds in waits:
        if seconds > 0:
            until = now + timedelta(seconds=seconds)
            means.progress("wait", waited_for(case.sent, case.operations, seconds, until))
    longest = max((seconds for _, seconds in waits), default=0.0)
    return longest <= 0 or wait(means, longest)


def _seconds_left(means: Means, case: Case, now: datetime) -> float:
    """For how long a request can still arrive unseen; not more than 0 when it no longer can."""
    card = means.connectors[case.system].card
    seconds = _absence_seconds(card, case) or 0.0
    remaining = (case.sent.window_end - now).total_seconds() + seconds
    return min(remaining, window_seconds(card) + seconds)


def _decide(drive: Drive, case: Case) -> None:
    """After the wait: found, or the next generation, or a person's decision."""
    means = drive.means
    card = means.connectors[case.system].card
    if _undecidable(means, case):
        # As long as the key is remembered, a later run can still replay it.
        if not replayable(card, case, means.clock.now()):
            _end(means, case.operations, State.REVIEW, "whether it happened cannot be seen at this vendor")
        return
    if case.system in drive.stops:
        return
    absent = _look(drive, case)
    if not absent:
        return
    old = {one.id for one in absent if too_old(means.journal.plans.created_at(one.plan), means.clock.now())}
    _end(means, [one for one in absent if one.id in old], State.LAPSED, "it never happened; the next plan decides anew")
    means.reach("before-next-generation")
    drive.run([replace(one, generation=one.generation + 1) for one in absent if one.id not in old])


def _end(means: Means, operations: Sequence[Operation], to: State, message: str) -> None:
    fix = "look at the vendor, then `syncctl ops settle`" if to is State.REVIEW else ""
    with means.journal.write() as db:
        for operation in operations:
            detail = Detail(code=operation.code, message=message, fix=fix, body=operation.body)
            means.journal.operations.move(db, means.run, operation, to, detail)
