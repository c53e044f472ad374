"""Changes into the exact bytes of a request. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.steps import step
from syncctl.connectors.xero.allocations import ALLOCATION, allocating
from syncctl.connectors.xero.kinds import KINDS, Kind
from syncctl.edits import apply_edits, touched
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Change, Raw, Record, Request

Query = tuple[tuple[str, str], ...]
KEY_LENGTH: Final = 128
"""The longest Idempotency-Key (Xero's page on idempotency)."""
BODY_BYTES_MAX: Final = 3_500_000
"""Xero's page on limits: keep a request below this."""
LINE_PARTS: Final[tuple[str, ...]] = (
    "LineItemID",
    "Description",
    "Quantity",
    "UnitAmount",
    "LineAmount",
    "ItemCode",
    "AccountCode",
    "TaxType",
    "TaxAmount",
    "DiscountRate",
    "DiscountAmount",
    "Tracking",
)
"""What of a line can be written; Xero adds more."""
_NOTHING: Final[Raw] = {
    "Description": "",
    "ItemCode": "",
    "AccountCode": "",
    "TaxType": "",
    "DiscountRate": 0,
    "DiscountAmount": 0,
    "Tracking": [],
}
"""What says that a part of a line was taken away; an amount that is left out is worked out anew."""
_REFERENCES: Final = {
    "Contact": "ContactID",
    "Invoice": "InvoiceID",
    "CreditNote": "CreditNoteID",
    "Account": "AccountID",
}
"""A reference is sent as its id alone: anything else beside it would change the record it names."""
_OPTION: Final = ("Name", "Option")
_KEYED: Final = {"Addresses": "AddressType", "Phones": "PhoneType"}
"""Lists whose elements Xero tells apart by their type."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Prepares the requests of one system."""

    system: str
    tenancy: tuple[tuple[str, str], ...]

    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str], query: Query
    ) -> Request:
        """One request for these changes of one kind and action. Raises ValueError for what cannot be sent."""
        kind, action = KINDS[changes[0].target.kind], changes[0].action
        bodies = [body_of(kind, change, record) for change, record in zip(changes, current, strict=True)]
        method, path = ("PUT" if action is Action.CREATE else "POST"), kind.path
        if kind.name == ALLOCATION:
            (body,) = bodies
            path, part = allocating(body)
            sent = encode_json({kind.plural: [part]})
        elif kind.name == "Payment" and action is Action.VOID:
            (body,) = bodies
            path, query, sent = f"{path}/{step(changes[0].target.id)}", (), encode_json(body)
        else:
            sent = encode_json({kind.plural: bodies})
        if len(sent) > BODY_BYTES_MAX:
            raise ValueError(f"the request has {len(sent):,} bytes, more than the {BODY_BYTES_MAX:,} that Xero takes")
        headers = (
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            *self.tenancy,
            ("Idempotency-Key", key[:KEY_LENGTH]),
        )
        return Request(self.system, kind.name, action, method, path, query, headers, sent, key, tuple(rows))


def body_of(kind: Kind, change: Change, record: Record | None) -> Raw:
    """What one change sends: a whole new record, or the record's id with its changed parts."""
    if change.action is Action.CREATE:
        return _sendable(apply_edits({}, change.edits), {})
    if record is None:
        raise ValueError(f"{change.target}: an update needs the fresh record")
    held = decode_json(record.raw)
    if change.action is Action.VOID:
        return _voiding(kind, held)
    named: Raw = {kind.identity: record.ref.id}
    if kind.name == "Item":
        named["Code"] = held.get("Code", "")
    edited = apply_edits(held, change.edits)
    part = {name: _blanked(edited.get(name), held.get(name), name) for name in touched(change.edits)}
    archived = {"ContactStatus": "ARCHIVED"} if change.action is Action.ARCHIVE else {}
    return {**named, **_sendable(part, held), **archived}


def _voiding(kind: Kind, held: Raw) -> Raw:
    """A draft is deleted, an approved document voided, a payment deleted."""
    if kind.name == "Payment":
        return {"Status": "DELETED"}
    draft = held.get("Status") in ("DRAFT", "SUBMITTED")
    return {kind.identity: held[kind.identity], "Status": "DELETED" if draft else "VOIDED"}


def _blanked(value: Any, before: Any, name: str) -> Any:
    """The value with an empty text where something was taken away: what a request leaves out stays as it was."""
    if isinstance(before, dict):
        now = value if isinstance(value, dict) else {}
        kept = {key: _blanked(now[key], before.get(key), key) for key in now}
        return {**kept, **{key: _blanked(None, before[key], key) for key in before if key not in now}}
    if isinstance(before, list) or isinstance(value, list):
        elements = value if isinstance(value, list) else []
        return [_blanked(each, _twin(each, before or [], _KEYED.get(name, "")), "") for each in elements]
    return "" if value is None else value


def _twin(element: Any, before: list[Any], key: str) -> Any:
    """The element of the same type that was there before."""
    if not key or not isinstance(element, dict):
        return None
    return next((each for each in before if isinstance(each, dict) and each.get(key) == element.get(key)), None)


def _sendable(parts: Raw, held: Raw) -> Raw:
    """The parts as Xero takes them back."""
    found: Raw = {}
    for name, value in parts.items():
        if name == "LineItems":
            before = {line.get("LineItemID"): line for line in held.get(name) or []}
            found[name] = [_line(line, before.get(line.get("LineItemID"))) for line in value or []]
        elif name in _REFERENCES and isinstance(value, dict):
            inner = _REFERENCES[name]
            found[name] = {inner: value[inner]} if value.get(inner) else value
        else:
            found[name] = value
    return found


def _line(line: Raw, before: Raw | None) -> Raw:
    """One line. Its LineItemID stays, else Xero would make it anew; what no longer fits a changed amount goes."""
    found = {name: line[name] for name in LINE_PARTS if name in line}
    for name in before or {}:
        if name in _NOTHING and name not in found:
            found[name] = _NOTHING[name]
    if before is not None:
        for name in _outdated(line, before):
            found.pop(name, None)
    if "Tracking" in found and _is_remark(line):
        del found["Tracking"]
    if "Tracking" in found:
        chosen = [option for option in found["Tracking"] or [] if option.get("Option")]
        # By name alone: the id of an option that was there would stand against the new one's name.
        found["Tracking"] = [{name: each[name] for name in _OPTION if name in each} for each in chosen]
    return found


def _is_remark(line: Raw) -> bool:
    """A line of text alone, which books nothing: what is written to all lines of a document is not for it."""
    return not any(line.get(name) for name in ("AccountCode", "ItemCode", "UnitAmount", "LineAmount"))


def _outdated(line: Raw, before: Raw) -> set[str]:
    """What Xero works out anew from the parts that changed, unless it was changed itself.

    A new quantity alone leaves the line's amount as it is: nobody asked for other money.
    """
    moved = {name for name in LINE_PARTS if line.get(name) != before.get(name)}
    stale: set[str] = set()
    if "LineAmount" in moved:
        stale.add("UnitAmount")
    elif moved & {"UnitAmount", "DiscountRate", "DiscountAmount"}:
        stale.add("LineAmount")
    elif "Quantity" in moved:
        stale.add("UnitAmount")
    if moved & {"LineAmount", "UnitAmount", "DiscountRate", "DiscountAmount", "TaxType", "AccountCode", "ItemCode"}:
        stale.add("TaxAmount")
    return stale - moved
