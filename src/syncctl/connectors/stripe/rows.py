"""Reads list pages without decoding rows: each row stays a slice of the answer, with a tiny head beside it. No I/O."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from syncctl.connectors.steps import leads_elsewhere
from syncctl.connectors.stripe.shapes import OLD_FIELDS, shape_problems
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Poison, Record, Ref

_ABSENT: Final = msgspec.Raw()


class ListPage(msgspec.Struct):
    """A page of any list. `position` is the id behind which the list goes on, or "" on the last page."""

    data: list[msgspec.Raw]
    has_more: bool
    position: str = ""


class Nested(msgspec.Struct):
    """The beginning of a list inside a record."""

    has_more: bool = False


class Head(msgspec.Struct):
    """What every row tells before it is stored. `unreadable` is ours: see `stand_in`."""

    id: str
    object: str
    created: int = 0
    status: str | None = None
    deleted: bool = False
    lines: Nested | None = None
    unreadable: str = ""


class InvoiceHead(Head):
    """An invoice, with the fields that only older versions have (see shapes.py), and its signed links."""

    charge: msgspec.Raw = _ABSENT
    payment_intent: msgspec.Raw = _ABSENT
    paid: msgspec.Raw = _ABSENT
    subscription: msgspec.Raw = _ABSENT
    discount: msgspec.Raw = _ABSENT
    tax: msgspec.Raw = _ABSENT
    total_tax_amounts: msgspec.Raw = _ABSENT
    hosted_invoice_url: msgspec.Raw = _ABSENT
    invoice_pdf: msgspec.Raw = _ABSENT


class ChargeHead(Head):
    """A charge, with the field that only older versions have, and its signed link."""

    invoice: msgspec.Raw = _ABSENT
    receipt_url: msgspec.Raw = _ABSENT


class CreditNoteHead(Head):
    """A credit note, with the fields that only older versions have, and its signed link."""

    refund: msgspec.Raw = _ABSENT
    tax_amounts: msgspec.Raw = _ABSENT
    pdf: msgspec.Raw = _ABSENT


class PayoutHead(Head):
    """A payout, with what says whether its transactions can be listed."""

    automatic: bool = False
    reconciliation_status: str = ""


class EventObject(msgspec.Struct):
    """The record an event is about, as it was then and in the version of then: only its identity is used."""

    id: str = ""
    object: str = ""
    created: int = 0
    charge: Any = None
    invoice: Any = None


class EventBody(msgspec.Struct):
    object: EventObject


class Event(msgspec.Struct):
    """One event."""

    id: str
    created: int
    type: str
    data: EventBody


_HEADS: Final[dict[str, type[Head]]] = {
    "invoice": InvoiceHead,
    "charge": ChargeHead,
    "credit_note": CreditNoteHead,
    "payout": PayoutHead,
}
_OLD: Final = {
    kind: tuple(name for name in OLD_FIELDS.get(kind, ()) if name in head.__struct_fields__)
    for kind, head in _HEADS.items()
}
"""Per kind the old fields that its head has a place for."""
_page = msgspec.json.Decoder(ListPage)
_event = msgspec.json.Decoder(Event)
_plain_head = msgspec.json.Decoder(Head)
_heads: Final = {kind: msgspec.json.Decoder(head) for kind, head in _HEADS.items()}
_parts = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_page(body: bytes) -> ListPage:
    """A list's page; raises Undecodable when it is none, or when nobody could go on after it."""
    try:
        page = _page.decode(compact(body))  # once for the whole page: cheaper than row by row
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a page of a list: {error}") from error
    page.position = _last_id(page.data) if page.has_more else ""
    return page


def _last_id(rows: list[msgspec.Raw]) -> str:
    for row in reversed(rows):
        if found := identity_of(row):
            return found
    raise Undecodable("no row of this page has an id to go on after")


_ID_IN_TEXT: Final = re.compile(r'"id":\s*"([A-Za-z0-9_.-]+)"')


def stand_in(answer: str, reason: str) -> msgspec.Raw | None:
    """A row for an answer of one record that is no JSON (a torn character, say): its id, so that the list goes on.

    None when not even the id can be seen.
    """
    found = _ID_IN_TEXT.search(answer)
    if found is None:
        return None
    row = {"id": found[1], "object": "", "unreadable": f"the row cannot be read: {reason}", "answer": answer}
    return msgspec.Raw(msgspec.json.encode(row))


def read_event(row: msgspec.Raw) -> Event:
    """One event; raises Undecodable."""
    try:
        return _event.decode(row)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not an event: {error}") from error


def compact(row: msgspec.Raw | bytes) -> bytes:
    """The row without the blanks that indent it: Stripe indents a row in a list deeper than the same record alone."""
    raw = bytes(row)
    return bytes(msgspec.json.format(raw, indent=-1)) if b"\n" in raw else raw


def read_head(system: str, kind: str, row: msgspec.Raw | bytes) -> Head | Poison:
    """The row's head, or why it is set aside."""
    try:
        head = _heads.get(kind, _plain_head).decode(row)
    except (msgspec.DecodeError, RecursionError) as error:
        return Poison(system, kind, identity_of(row), f"the row cannot be read: {error}", bytes(row))
    if head.unreadable:
        return Poison(system, kind, head.id, head.unreadable, bytes(row))
    if leads_elsewhere(head.id):
        return Poison(system, kind, head.id, "the id cannot be asked for: in an address it leads elsewhere", bytes(row))
    if head.object != kind:
        return Poison(system, kind, head.id, f"this is a {head.object}, not a {kind}", bytes(row))
    if _has_old_fields(kind, head):
        return _old_shape(system, kind, head, row)
    return head


def _has_old_fields(kind: str, head: Head) -> bool:
    return any(getattr(head, name) is not _ABSENT for name in _OLD.get(kind, ()))


def _old_shape(system: str, kind: str, head: Head, row: msgspec.Raw | bytes) -> Head | Poison:
    problems = shape_problems(kind, decode_json(bytes(row)))
    if not problems:
        return head
    return Poison(system, kind, head.id, "; ".join(map(_told, problems)), bytes(row))


def _told(problem: Any) -> str:
    return f"{problem.message} ({problem.hint})"


def identity_of(row: msgspec.Raw | bytes) -> str:
    """The id of a row whose head may be unreadable; empty where there is none."""
    try:
        found = msgspec.json.decode(_parts.decode(row).get("id", b"null"))
    except (msgspec.DecodeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


SIGNED_LINKS: Final = {
    "invoice": ("hosted_invoice_url", "invoice_pdf"),
    "charge": ("receipt_url",),
    "credit_note": ("pdf",),
}
"""Links that Stripe signs anew on every read: seen in the recordings, where nothing else of the record had changed."""


def record(system: str, kind: str, head: Head, raw: bytes) -> Record:
    """The stored form of one row. Stripe has neither versions nor a time of the last change."""
    lasting = _without_links(kind, head, raw) if kind in SIGNED_LINKS else b""
    return Record(Ref(system, kind, head.id), raw, lasting=lasting)


def _without_links(kind: str, head: Head, raw: bytes) -> bytes:
    """The row without its signed links. The head knows them, so a search ends where a link stands."""
    for name in SIGNED_LINKS[kind]:
        link = bytes(getattr(head, name))
        if link.startswith(b'"'):
            member = b'"%b":%b' % (name.encode(), link)
            left = raw.replace(member, b"", 1)
            if len(left) == len(raw):  # blanks stand between name and link: an answer on one line may have them
                left = bytes(msgspec.json.format(raw, indent=-1)).replace(member, b"", 1)
            raw = left
    return raw


def merged(raw: bytes, name: str, rows: list[msgspec.Raw]) -> bytes:
    """The record with the whole list under `name`, every other value as it was."""
    parts = _parts.decode(raw)
    within = _parts.decode(parts[name])
    within |= {"data": msgspec.Raw(msgspec.json.encode(rows)), "has_more": msgspec.Raw(b"false")}
    return compact(msgspec.json.encode(parts | {name: msgspec.Raw(msgspec.json.encode(within))}))


def with_list(raw: bytes, name: str, rows: list[msgspec.Raw]) -> bytes:
    """The record with one more key that holds these rows."""
    return compact(msgspec.json.encode(_parts.decode(raw) | {name: msgspec.Raw(msgspec.json.encode(rows))}))
