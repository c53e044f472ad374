"""Payments of credit notes in the shape that a payment is written in. No I/O.

Xero shows the credit note that a payment refunds under `Invoice`, with the credit note's own id and type (an example in
its OpenAPI file; a third party measured the same); a payment is sent with it under `CreditNote`.
"""

from __future__ import annotations

from typing import Any, Final

from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.undecodable import Undecodable

CREDIT_TYPES: Final = frozenset({"ACCRECCREDIT", "ACCPAYCREDIT"})
_MARKS: Final = tuple(f'"{name}"'.encode() for name in CREDIT_TYPES)
_NAMES: Final = {"InvoiceID": "CreditNoteID", "InvoiceNumber": "CreditNoteNumber"}
_KEPT: Final = ("Type", "Contact", "CurrencyCode")


def as_written(row: bytes) -> bytes:
    """The row of a payment, with a credit note under its own name. Raises Undecodable."""
    if not any(mark in row for mark in _MARKS):
        return row
    payment = decode_json(row)
    shown: Any = payment.get("Invoice") if isinstance(payment, dict) else None
    if not isinstance(shown, dict) or shown.get("Type") not in CREDIT_TYPES:
        return row
    if not shown.get("InvoiceID"):
        raise Undecodable("a payment of a credit note that is not named")
    note = {ours: shown[theirs] for theirs, ours in _NAMES.items() if theirs in shown}
    note |= {name: shown[name] for name in _KEPT if name in shown}
    return encode_json({**{name: value for name, value in payment.items() if name != "Invoice"}, "CreditNote": note})
