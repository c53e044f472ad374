"""Did a create happen after all? Lists what changed since and compares here. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syncctl.connectors.xero.allocations import asked_for
from syncctl.connectors.xero.bodies import body_of
from syncctl.connectors.xero.client import Client
from syncctl.connectors.xero.finding import Finder
from syncctl.connectors.xero.kinds import DOCUMENTS, KINDS
from syncctl.connectors.xero.listing import every_record
from syncctl.connectors.xero.sending import elements_sent, same_text, says
from syncctl.connectors.xero.states import state_of
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Change, Outcome, Raw, Record, Request, WriteReceipt

EARLIER: Final = timedelta(minutes=10)
_WITHOUT_REFERENCE: Final = ("ACCPAY", "ACCPAYCREDIT")
"""Xero keeps a reference of what is sold alone (its OpenAPI file)."""
_STATES: Final = {Action.VOID: "void", Action.ARCHIVE: "archived"}


@dataclass(frozen=True, slots=True)
class Prober:
    """Looks for the writes of one system."""

    system: str
    client: Client

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """APPLIED with the record for each row that is found; `changes` are those of the rows. Raises VendorError."""
        if request.action is Action.CREATE:
            return self._created(request, changes, since)
        return self._changed(request, changes)

    def _changed(self, request: Request, changes: Sequence[Change]) -> tuple[WriteReceipt, ...]:
        kind = KINDS[request.kind]
        found = Finder(self.client, self.system).find(kind.name, kind.identity, [one.target.id for one in changes])
        now = {record.ref.id: record for record in found}
        receipts = []
        for row, change in zip(request.rows, changes, strict=True):
            record = now.get(change.target.id)
            if record is not None and _done(kind.name, change, record):
                receipts.append(WriteReceipt(row, Outcome.APPLIED, record.ref, record))
            else:
                receipts.append(WriteReceipt(row, Outcome.UNKNOWN, message="the record is not as this write says"))
        return tuple(receipts)

    def _created(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        made = [(record, decode_json(record.raw)) for record in self._candidates(request, since)]
        taken: set[str] = set()
        receipts = []
        for row, change in zip(request.rows, changes, strict=True):
            sent = decode_json(encode_json(body_of(KINDS[request.kind], change, None)))
            found = next(
                (one for one, held in made if one.ref.id not in taken and is_this(request.kind, held, sent)), None
            )
            if found is None:
                receipts.append(WriteReceipt(row, Outcome.UNKNOWN, message="no such record was made since"))
            else:
                taken.add(found.ref.id)
                receipts.append(WriteReceipt(row, Outcome.APPLIED, found.ref, found))
        return tuple(receipts)

    def _candidates(self, request: Request, since: datetime) -> Iterable[Record]:
        """What may have been made; an allocation is known by the ids of its two documents."""
        kind = KINDS[request.kind]
        if kind.inside:
            ids = [asked_for(request.path, sent) for sent in elements_sent(request)]
            return Finder(self.client, self.system).find(kind.name, kind.identity, ids)
        return every_record(self.client, self.system, kind.name, since=since - EARLIER)


def _done(kind: str, change: Change, record: Record) -> bool:
    held = decode_json(record.raw)
    if change.action in _STATES:
        return state_of(kind, held) == _STATES[change.action]
    sent = decode_json(encode_json(body_of(KINDS[kind], change, record)))
    return says(held, sent)


def is_this(kind: str, held: Raw, sent: Raw) -> bool:
    """Whether a record is the one that a create sent.

    A list shows what was changed since, not only what was made: so a contact, an item or a payment must say everything
    that was sent. A document is known by type, contact, day, our number and the reference with our marker; Xero adds to
    its lines and rounds them.
    """
    if sent.get("Type") in _WITHOUT_REFERENCE:
        sent = {name: value for name, value in sent.items() if name != "Reference"}
    number = KINDS[kind].number
    if kind not in DOCUMENTS or not (sent.get(number) or sent.get("Reference")):
        name = str(sent.get("Name") or "")
        return (not name or same_text(held.get("Name", ""), name)) and says(held, {**sent, "Name": held.get("Name")})
    telling = {name: sent[name] for name in (number, "Reference", "Type", "Date") if sent.get(name)}
    contact = (sent.get("Contact") or {}).get("ContactID")
    return says(held, telling) and (not contact or says(held.get("Contact"), {"ContactID": contact}))
