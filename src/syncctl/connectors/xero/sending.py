"""What became of a write: the answer read element by element. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import msgspec

from syncctl.connectors.http import BODY_SHOWN, Answer, Complaint, NoAnswer
from syncctl.connectors.xero.allocations import ALLOCATION, asked_for
from syncctl.connectors.xero.client import Client, decoded
from syncctl.connectors.xero.faults import CORRELATION, complain, explain, sentences_in
from syncctl.connectors.xero.finding import Finder
from syncctl.connectors.xero.kinds import ENDED, KINDS
from syncctl.connectors.xero.rows import head_of, record_of, written
from syncctl.errors import AuthenticationFailed, VendorError
from syncctl.fields.jsontext import decode_json
from syncctl.fields.text import clean_text
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Outcome, Raw, Ref, Request, WriteReceipt

PAUSE_SECONDS_MAX: Final = 90.0
"""A longer wait than this is left to the caller."""
_NAMED: Final = {
    "Contact": ("ContactID", "ContactNumber", "Name"),
    "Invoice": ("InvoiceID", "InvoiceNumber"),
    "CreditNote": ("CreditNoteID", "CreditNoteNumber"),
    "Item": ("ItemID", "Code"),
    "Payment": ("PaymentID", "Reference"),
    "Allocation": (),
}
"""By what an element of an answer is known to be the one that was sent."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one system's requests and reads the answers."""

    system: str
    client: Client

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """One attempt; one receipt per row. What a credit note gave an invoice already is not given again."""
        if request.kind == ALLOCATION:
            standing = self._allocated(request)
            if standing is not None:
                return _all(request, standing)
        try:
            answer = self.client.http.send(request)
        except NoAnswer as error:
            return _all(request, _lost(error))
        receipts = self.read(request, answer)
        waits = [one.wait_seconds for one in receipts if one.wait_seconds]
        if waits:
            self.client.http.limiter.pause(min(waits[0], PAUSE_SECONDS_MAX))
        return receipts

    def _allocated(self, request: Request) -> WriteReceipt | None:
        """A fresh look at the credit note; None while nothing of it went to this invoice. A key would tell a repeated
        request for six minutes only, and never what a person did.
        """
        (sent,) = elements_sent(request)
        identity = asked_for(request.path, sent)
        try:
            found = Finder(self.client, self.system).find(ALLOCATION, KINDS[ALLOCATION].identity, [identity])
        except AuthenticationFailed:
            raise
        except VendorError as error:
            return WriteReceipt("", Outcome.LATER, message=error.message, fix=error.fix)
        if not found:
            return None
        held, asked = Decimal(decode_json(found[0].raw)["Amount"]), Decimal(sent["Amount"])
        if held == asked:
            message = "it was allocated already"
            return WriteReceipt("", Outcome.APPLIED, found[0].ref, found[0], message=message)
        return WriteReceipt(
            "",
            Outcome.REJECTED,
            record=found[0],
            code="allocated otherwise",
            message=f"{held:f} of this credit note is allocated to the invoice already, not {asked:f}",
            fix="take that allocation off in Xero and run again, or accept the difference",
        )

    def read(self, request: Request, answer: Answer) -> tuple[WriteReceipt, ...]:
        """What an answer says of each row."""
        about = WriteReceipt(
            "",
            Outcome.UNKNOWN,
            status=answer.status,
            vendor_request_id=answer.headers.get(CORRELATION, ""),
            body=self.client.http.shown_body(answer),
        )
        if not answer.ok:
            return _all(request, self._refused(about, explain(answer, self.client.options)))
        try:
            rows = written(answer.body, request.kind)
        except Undecodable as error:
            return _all(request, replace(about, message=f"the answer cannot be read: {error}"))
        sent = elements_sent(request)
        if len(rows) != len(sent):
            message = f"elements of the answer: {len(rows)}, not the {len(sent)} that were sent"
            return _all(request, replace(about, message=message))
        return tuple(
            replace(self._element(request, row, one, about), row=name)
            for row, one, name in zip(rows, sent, request.rows, strict=True)
        )

    def _element(self, request: Request, row: bytes, sent: Raw, about: WriteReceipt) -> WriteReceipt:
        """What became of one element."""
        about = replace(about, body=self.client.http.redact(row.decode("utf-8", "replace"))[:BODY_SHOWN])
        try:
            found = decode_json(row)
            if not isinstance(found, dict) or not _answers(request.kind, found, sent):
                return replace(about, message="the answer's element is not the one that was sent")
            if _has_errors(found):
                return self._refused(about, complain(tuple(sentences_in(found)), "", "10"))
            ref = self._ref(request, row, sent)
        except Undecodable as error:
            return replace(about, message=f"the answer cannot be read: {error}")
        if request.action in (Action.VOID, Action.ARCHIVE) and not _ended(request.action, found):
            code = "not voided" if request.action is Action.VOID else "not archived"
            left = replace(about, outcome=Outcome.REJECTED, ref=ref, code=code, fix="do it in Xero")
            return replace(left, message=f"Xero left this {request.kind} as it was")
        # An answer to a write is not the shape of a pull (warnings, a whole contact inside): it is read again.
        return replace(about, outcome=Outcome.APPLIED, ref=ref)

    def _ref(self, request: Request, row: bytes, sent: Raw) -> Ref:
        """Which record a row of an answer is. Raises Undecodable."""
        if request.kind == ALLOCATION:
            return Ref(self.system, ALLOCATION, asked_for(request.path, sent))
        return record_of(self.system, request.kind, row, head_of(request.kind, row)).ref

    def _refused(self, about: WriteReceipt, complaint: Complaint) -> WriteReceipt:
        return replace(
            about,
            outcome=complaint.outcome,
            code=complaint.code,
            message=self.client.http.redact(complaint.message),
            fix=complaint.fix,
            wait_seconds=complaint.wait_seconds,
        )


def _lost(error: NoAnswer) -> WriteReceipt:
    if error.sent:
        return WriteReceipt("", Outcome.UNKNOWN, message=f"no answer came: {error}")
    return WriteReceipt("", Outcome.LATER, message=f"Xero could not be reached: {error}", fix="try again")


def _all(request: Request, receipt: WriteReceipt) -> tuple[WriteReceipt, ...]:
    return tuple(replace(receipt, row=row) for row in request.rows)


def elements_sent(request: Request) -> list[Raw]:
    """What each row of a request sent."""
    sent = decoded(request.body) if request.body else {}
    found = sent.get(KINDS[request.kind].plural)
    return found if isinstance(found, list) else [sent]


def _has_errors(element: Raw) -> bool:
    return (
        element.get("StatusAttributeString") == "ERROR"
        or element.get("HasErrors") is True
        or element.get("HasValidationErrors") is True
        or bool(element.get("ValidationErrors"))
    )


def _answers(kind: str, element: Raw, sent: Raw) -> bool:
    """True unless the element says of itself that it is another than the one that was sent."""
    pairs = ((element.get(name), sent.get(name)) for name in _NAMED[kind])
    return not any(there and here and there != _NO_ID and not same_text(there, here) for there, here in pairs)


_NO_ID: Final = "00000000-0000-0000-0000-000000000000"
"""What a refused element has for an id (recorded)."""


def _ended(action: Action, element: Raw) -> bool:
    if action is Action.ARCHIVE:
        return element.get("ContactStatus") == "ARCHIVED"
    return element.get("Status") in ENDED


def says(held: Any, sent: Any) -> bool:
    """True when what is held says everything that was sent; Xero adds names, ids, defaults and totals."""
    if isinstance(sent, dict):
        return isinstance(held, dict) and all(says(held.get(key), value) for key, value in sent.items())
    if isinstance(sent, list) and any("AddressType" in each or "PhoneType" in each for each in sent):
        return all(any(says(one, each) for one in held or []) for each in sent)
    if isinstance(sent, list):
        there: Sequence[Any] = held or []
        return len(there) == len(sent) and all(says(one, other) for one, other in zip(there, sent, strict=True))
    if sent in (None, ""):
        return held in (None, "")
    return held == sent or _plain(held) == _plain(sent)


def same_text(one: Any, other: Any) -> bool:
    """True for one text, whatever its case and blanks."""
    return clean_text(str(one)).casefold() == clean_text(str(other)).casefold()


def _plain(value: Any) -> str:
    """A value as text; of a moment at midnight the day alone, which is how a date is sent."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text.removesuffix("T00:00:00Z").casefold()
