"""Promises about single writes: sent once, told for what became of them, never twice. No network."""

from __future__ import annotations

from typing import Final

import httpx

from syncctl.connectors.base import Connector
from syncctl.contract.stand import DoesNotApply, Stand, decoded, keep
from syncctl.errors import ReadOnly
from syncctl.model import Edit, Outcome, Request, WriteReceipt
from syncctl.paths import parse_path, read

FAILURES: Final = {
    "500 before": Outcome.UNKNOWN,
    "500 after": Outcome.UNKNOWN,
    "lost": Outcome.UNKNOWN,
    "truncated": Outcome.UNKNOWN,
    "429": Outcome.LATER,
}
"""What a create is when its answer is like this."""


def write_is_sent_once(stand: Stand) -> None:
    """A write is sent once, and an answer that tells nothing leaves it unknown."""
    kind = stand.creating()
    for fault, wanted in FAILURES.items():
        request = stand.request(stand.create(kind))
        before = len(stand.sandbox.writes())
        stand.fault(fault)
        outcome = sent(stand.connector, request).outcome
        stand.sandbox.faults.clear()
        times = len(stand.sandbox.writes()) - before
        keep(times == 1, f"a create whose answer was {fault!r} was sent {times} times")
        keep(outcome is wanted, f"a create whose answer was {fault!r} is {outcome}, not {wanted}")
    refused = sent(stand.connect(token=stand.subject.wrong_token), stand.request(stand.create(kind)))
    keep(refused.outcome is Outcome.STOP, f"a wrong credential makes a create {refused.outcome}, not stop")
    stand.wire.cut = httpx.ConnectError
    outcome = sent(stand.connector, stand.request(stand.create(kind))).outcome
    keep(outcome is Outcome.LATER, f"a create that never left is {outcome}, not later")


def same_change_is_same_bytes(stand: Stand) -> None:
    """A change is the same bytes every time it is prepared, and preparing it asks nobody."""
    kind = stand.creating()
    change = stand.create(kind)
    before = len(stand.sandbox.log)
    first, second = (stand.connector.prepare([change], [None], "contract-key", ["op"]) for _ in range(2))
    keep(first == second, "prepared twice, one change is two different requests")
    keep(first.rows == ("op",), "the request does not name the row it carries")
    keep(len(stand.sandbox.log) == before, "preparing a change asks the vendor")


def sent(connector: Connector, request: Request) -> WriteReceipt:
    """The receipt of a request of one row."""
    receipts = connector.send(request)
    keep(len(receipts) == 1, f"{len(receipts)} receipts for one row")
    return receipts[0]


def refusal_is_told(stand: Stand) -> None:
    """A refused write names its cause and changes nothing."""
    kind = stand.creating()
    before = set(stand.held(kind))
    receipt = sent(stand.connector, stand.request(stand.create(kind, kind.refused)))
    keep(receipt.outcome is Outcome.REJECTED, f"values that the vendor refuses make a create {receipt.outcome}")
    keep(bool(receipt.message.strip()), "a refused create does not say why")
    keep(set(stand.held(kind)) == before, "a create that was refused made a record")


def lost_create_is_one_record(stand: Stand) -> None:
    """A create whose answer was lost is found, or sent again, as one record."""
    kind = stand.creating()
    since = stand.clock.now()
    before = set(stand.held(kind))
    change = stand.create(kind)
    request = stand.request(change)
    stand.fault("500 before")
    stand.connector.send(request)
    [absent] = stand.connector.probe(request, [change], since)
    never = set(stand.held(kind)) == before
    keep(not never or absent.outcome is not Outcome.APPLIED, "a create that never happened is found")
    if stand.connector.card.retention_seconds == 0:
        request = stand.request(change)
    stand.fault("lost")
    stand.connector.send(request)
    stand.clock.advance(1)
    if stand.connector.card.retention_seconds > 0:
        sent(stand.connector, request)
    made = set(stand.held(kind)) - before
    keep(len(made) == 1, f"a create whose answer was lost made {len(made)} records")
    [found] = stand.connector.probe(request, [change], since)
    named = found.ref.id if found.ref is not None else None
    keep(found.outcome is Outcome.APPLIED and named in made, f"the record that a lost create made is {found.outcome}")


def stale_update_is_refused(stand: Stand) -> None:
    """An update of a record that changed meanwhile is refused and changes nothing."""
    if not stand.connector.card.versions:
        raise DoesNotApply("the card says that this vendor checks no version; push reads afresh before each update")
    kind = stand.kind
    [identity] = stand.make(kind, 1)
    stale = stand.read(kind, identity)
    stand.change(kind, identity)
    update = stand.update(kind, identity, [Edit(kind.text, None, "ours")])
    receipt = sent(stand.connector, stand.request(update, current=[stale]))
    keep(receipt.outcome is Outcome.CONFLICT, f"an update of a record that changed meanwhile is {receipt.outcome}")
    now = list(read(decoded(stand.read(kind, identity)), parse_path(kind.text)))
    keep(now != ["ours"], "the update was refused and written all the same")


def read_only_sends_nothing(stand: Stand) -> None:
    """A system that is set to read only is never written to, and is read as ever."""
    kind = stand.creating()
    [identity] = stand.make(kind, 1)
    connector = stand.connect(read_only=True)
    read = {record.ref.id for page in connector.pull(kind.name, None) for record in page.records}
    found = connector.find(kind.name, stand.schemas[kind.name].identity, [identity])
    keep(identity in read and len(found) == 1, "it cannot be read")
    before = len(stand.sandbox.writes())
    refusal = ""
    try:
        sent(connector, stand.request(stand.create(kind)))
    except ReadOnly as error:
        refusal = error.message
    keep(stand.subject.name in refusal, "the write is not refused with ReadOnly, naming the system")
    keep(len(stand.sandbox.writes()) == before, "it was written to")
