"""What an answer means for each operation, and writing that down. I/O: ledger; reads when something is taken.

Two tables: an answer to a first send speaks about the only attempt there was. An answer to a replay speaks about the
replay alone: whatever it refuses, the first send may have done it, so only APPLIED and a key mismatch count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from syncctl.connectors.base import Answered
from syncctl.edits import apply_edits
from syncctl.fields.jsontext import decode_json
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.requests import Answer, SentRequest
from syncctl.ledger.states import State
from syncctl.model import Action, Outcome, Ref, WriteReceipt
from syncctl.push.adopt import look, stands_in_the_way
from syncctl.push.means import Means
from syncctl.push.refusal import fingerprint
from syncctl.push.telling import way_on
from syncctl.settlement import newly_settled

FIRST: Final[Mapping[Outcome, State]] = {
    Outcome.APPLIED: State.APPLIED,
    Outcome.REJECTED: State.REJECTED,
    Outcome.CONFLICT: State.CONFLICT,
    Outcome.LATER: State.PLANNED,
    Outcome.STOP: State.PLANNED,
    Outcome.KEY_MISMATCH: State.REVIEW,
    Outcome.UNKNOWN: State.UNKNOWN,
}
AGAIN: Final[Mapping[Outcome, State]] = {
    **dict.fromkeys(Outcome, State.UNKNOWN),
    Outcome.APPLIED: State.APPLIED,
    Outcome.KEY_MISMATCH: State.REVIEW,
}
WAYS: Final[Mapping[State, str]] = {
    State.REJECTED: "correct what the cause names, then syncctl reconcile",
    State.CONFLICT: "look at the record, then plan again: syncctl reconcile",
    State.REVIEW: "look at the vendor, then say what you found: syncctl ops list has the words and the command",
}
"""How a write ends of which its connector says no more than the cause."""
NO_RECEIPT: Final = "the answer says nothing about this row"
NO_REF: Final = "the answer does not say which record was made"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one operation: its new state, and the receipt that decided it."""

    operation: Operation
    state: State
    receipt: WriteReceipt


def settle(
    means: Means,
    sent: SentRequest,
    operations: Sequence[Operation],
    receipts: Sequence[WriteReceipt],
    *,
    first: bool,
    answer: Answered | None = None,
) -> tuple[Settled, ...]:
    """Commits the outcome of one send, all rows in one transaction. `operations` are SENDING, in any order; `answer` is
    what the vendor said, for the audit chain.
    """
    by_row = {receipt.row: receipt for receipt in receipts}
    decided = tuple(_decided(means, sent, operation, by_row.get(operation.id), first) for operation in operations)
    now = means.clock.now()
    answered = next((entry.receipt for entry in decided if entry.receipt.status is not None), None)
    with means.journal.write() as db:
        for entry in decided:
            if entry.state is State.APPLIED:
                store_read_back(means, entry.operation, entry.receipt)
            means.journal.operations.move(db, means.run, entry.operation, entry.state, _detail(means, entry))
            means.reach("inside-outcome")
        if any(entry.state is State.UNKNOWN for entry in decided):
            still = timedelta(seconds=means.connectors[sent.request.system].card.send_seconds)
            means.journal.requests.extend(db, sent, now + still)
        means.journal.requests.answered(db, sent, _answer(now, answered, answer), means.witness)
    means.reach("after-outcome")
    return decided


def _answer(at: datetime, told: WriteReceipt | None, answer: Answered | None) -> Answer:
    """What is kept of an answer; all of it empty where there was none."""
    status, identity = (told.status, told.vendor_request_id) if told else (None, "")
    if answer is None:
        return Answer(at, status, identity)
    return Answer(at, status, identity, answer.bytes, answer.sha256, answer.text)


def _decided(
    means: Means, sent: SentRequest, operation: Operation, receipt: WriteReceipt | None, first: bool
) -> Settled:
    if receipt is None:
        receipt = WriteReceipt(operation.id, Outcome.UNKNOWN, message=NO_RECEIPT)
    if receipt.outcome is Outcome.DUPLICATE:
        receipt = look(means, sent, operation, receipt)
    change = operation.sent or operation.change
    if receipt.outcome is Outcome.APPLIED and receipt.ref is None:
        ref = receipt.record.ref if receipt.record else None if change.action is Action.CREATE else change.target
        # A create without an id cannot be pointed to; the probe will find it.
        outcome = Outcome.APPLIED if ref else Outcome.UNKNOWN
        receipt = replace(receipt, outcome=outcome, ref=ref, message=receipt.message or ("" if ref else NO_REF))
    return Settled(operation, (FIRST if first else AGAIN)[receipt.outcome], receipt)


def store_read_back(means: Means, operation: Operation, receipt: WriteReceipt) -> None:
    """Keeps the record that an answer holds, or notes that it must be read; joins the caller's transaction.

    One that brings nothing new is read too: a replay is answered with what was, and a vendor whose clock was put back
    stamps it as older. What it paid has another balance now, so that is read again in any case.
    """
    news = receipt.record is not None and means.records.store_receipt(receipt.record, means.at)
    if receipt.ref is not None and not news:
        means.records.mark_unread([receipt.ref])
    means.records.mark_unread(_paid(means, operation))


def _paid(means: Means, operation: Operation) -> tuple[Ref, ...]:
    """The records whose balance a write moved."""
    change = operation.sent or operation.change
    schema = means.schema(change.target.system, change.target.kind)
    if not schema.settles:
        return ()
    before = decode_json(operation.base) if operation.base else {}
    after = {} if change.action is Action.VOID else apply_edits(before, change.edits)
    return tuple(newly_settled(schema, before, after))


def _refusal(means: Means, entry: Settled) -> str | None:
    """What must move before a refused change is sent again; None where the plan itself will see what is in its way."""
    change, holder = entry.operation.sent or entry.operation.change, entry.receipt.record
    schema = means.schema(change.target.system, change.target.kind)
    if entry.receipt.outcome is Outcome.REJECTED and holder is not None and change.action is Action.CREATE:
        means.records.store_receipt(holder, means.at)
        if stands_in_the_way(schema, change, holder):
            return None
    return fingerprint(change, means.records, schema)


def _detail(means: Means, entry: Settled) -> Detail:
    receipt, operation = entry.receipt, entry.operation
    applied = entry.state is State.APPLIED
    # A refusal for want of permission may be remembered under its key: the next attempt takes another.
    stopped = receipt.outcome is Outcome.STOP and entry.state is State.PLANNED
    rejected = entry.state is State.REJECTED
    return Detail(
        ref=receipt.ref if applied else None,
        read_back=receipt.record is not None if applied else None,
        generation=operation.generation + 1 if stopped else None,
        fingerprint=_refusal(means, entry) if rejected else None,
        code=receipt.code,
        message=receipt.message,
        fix=way_on(receipt.fix) if entry.state is State.UNKNOWN else receipt.fix or WAYS.get(entry.state, ""),
        body=receipt.body,
    )
