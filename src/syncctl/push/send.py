"""One request on its way: key, exact bytes, intent, deadline, one attempt. I/O: ledger, and the only writes to vendors.

The order is the protocol: the intent is committed before the socket opens, the deadline is looked at right before it,
and the answer is written down in `settle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from syncctl.connectors.base import Card, Connector
from syncctl.errors import AuthenticationFailed, CredentialError, ReadOnly, SyncctlError
from syncctl.ledger.operation import Detail, Operation
from syncctl.ledger.requests import Deadlines, SentRequest
from syncctl.ledger.states import State
from syncctl.model import Change, Outcome, Record, Request, WriteReceipt, digest
from syncctl.push.means import Means
from syncctl.push.settle import Settled, settle

GRACE_SECONDS: Final = 15.0
"""From the commit of the intent to the socket. A machine that slept longer in between must not send."""
LIMITER_SECONDS_MAX: Final = 90.0
"""How long a connector's own rate limiter may keep a request back after that (its longest pause)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An operation that passed the gate: its change filled in, and the fresh record of an update."""

    operation: Operation
    change: Change
    current: Record | None = None


def window_seconds(card: Card) -> float:
    """How long after its intent a request can still be on its way: kept back, in flight, or waiting for its answer."""
    return GRACE_SECONDS + LIMITER_SECONDS_MAX + card.send_seconds


def key_of(lineage: str, rows: Sequence[tuple[str, int]], length: int) -> str:
    """The idempotency key of (operation, generation) rows.

    Never of the content: A to B, undone by a person, and A to B again must not be answered from a vendor's memory.
    """
    return digest(lineage, *(part for row, generation in rows for part in (row, str(generation))))[:length]


def request_for(means: Means, connector: Connector, group: Sequence[Ready]) -> Request:
    """The exact bytes for a group. Raises ValueError when a value cannot be sent at all."""
    rows = [ready.operation.id for ready in group]
    key = key_of(
        means.journal.lineage,
        [(ready.operation.id, ready.operation.generation) for ready in group],
        connector.card.key_length,
    )
    changes = [_current_version(ready) for ready in group]
    request = connector.prepare(changes, [ready.current for ready in group], key, rows)
    return replace(request, key=key, rows=tuple(rows))


def _current_version(ready: Ready) -> Change:
    """Only other fields moved since the plan (a payment bumped the version): take the new version and go on."""
    return ready.change if ready.current is None else replace(ready.change, version=ready.current.version)


def send_first(means: Means, connector: Connector, group: Sequence[Ready], request: Request) -> tuple[Settled, ...]:
    """Commits the intent, sends once, commits the outcome: the first send of this key."""
    deadlines = _deadlines(means, connector.card)
    means.reach("before-intent")
    with means.journal.write() as db:
        generations = [ready.operation.generation for ready in group]
        sent = means.journal.requests.first(db, request, generations, deadlines, means.witness)
        for ready in group:
            base = b"" if ready.current is None else ready.current.raw
            detail = Detail(generation=ready.operation.generation, sent=_current_version(ready), base=base)
            means.journal.operations.move(db, means.run, ready.operation, State.SENDING, detail)
        means.reach("inside-intent")
    return _transmit(means, connector, sent, [ready.operation for ready in group], first=True)


def send_again(
    means: Means, connector: Connector, sent: SentRequest, operations: Sequence[Operation]
) -> tuple[Settled, ...]:
    """The same bytes under the same key once more; `operations` are all of the request's, UNKNOWN."""
    deadlines = _deadlines(means, connector.card)
    means.reach("before-replay")
    with means.journal.write() as db:
        means.journal.requests.again(db, sent, deadlines, means.witness)
        for operation in operations:
            means.journal.operations.move(db, means.run, operation, State.SENDING)
    again = replace(sent, send_by=deadlines.send_by, window_end=deadlines.window_end)
    return _transmit(means, connector, again, operations, first=False)


def _deadlines(means: Means, card: Card) -> Deadlines:
    now = means.clock.now()
    end = now + timedelta(seconds=window_seconds(card))
    return Deadlines(now, means.clock.boottime() + GRACE_SECONDS, end)


def _transmit(
    means: Means, connector: Connector, sent: SentRequest, operations: Sequence[Operation], *, first: bool
) -> tuple[Settled, ...]:
    means.reach("after-intent")
    now = means.journal.operations.again(operations)
    if means.clock.boottime() > sent.send_by:
        return settle(means, sent, now, _not_sent(sent.request), first=first)
    receipts = _attempt(connector, sent.request)
    means.reach("after-send")
    return settle(means, sent, now, receipts, first=first, answer=means.answered(sent.request.system))


def _attempt(connector: Connector, request: Request) -> tuple[WriteReceipt, ...]:
    """Exactly one send. A token that cannot be had is a stop, and so is a system that is only read; any other error
    leaves the outcome open.
    """
    try:
        return connector.send(request)
    except SyncctlError as error:
        closed = isinstance(error, CredentialError | AuthenticationFailed | ReadOnly)
        outcome = Outcome.STOP if closed else Outcome.UNKNOWN
        return tuple(WriteReceipt(row, outcome, message=error.message, fix=error.fix) for row in request.rows)


def _not_sent(request: Request) -> tuple[WriteReceipt, ...]:
    message = "the machine slept before the request went out; nothing was sent"
    return tuple(WriteReceipt(row, Outcome.LATER, message=message, wait_seconds=0) for row in request.rows)
