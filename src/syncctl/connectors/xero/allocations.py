"""What of a credit note went to an invoice: rows made from credit notes, and the request for a new one. No I/O.

Xero lists allocations only inside their credit note, and its answers may leave their ids out (its OpenAPI file shows
such an answer). So a record here is everything that one credit note gave one invoice, under the ids of the two.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from syncctl.connectors.steps import step
from syncctl.connectors.xero.kinds import KINDS
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Raw

ALLOCATION: Final = "Allocation"
_NOTE: Final = ("CreditNoteID", "CreditNoteNumber", "Type", "CurrencyCode")
_SEPARATOR: Final = "."


def allocation_id(note: str, invoice: str) -> str:
    """The id of what a credit note gave an invoice."""
    return f"{note}{_SEPARATOR}{invoice}"


def note_in(identity: str) -> str:
    """The credit note's id in the id of an allocation."""
    return identity.partition(_SEPARATOR)[0]


def allocations_in(row: bytes) -> list[bytes]:
    """One row per invoice that a credit note was allocated to. Raises Undecodable."""
    note = decode_json(row)
    if not isinstance(note, dict) or not note.get("CreditNoteID"):
        raise Undecodable("not a Xero CreditNote: its CreditNoteID is empty")
    found: dict[str, Raw] = {}
    for part in note.get("Allocations") or []:
        made = _row(note, part)
        if part.get("IsDeleted") is not True:
            before = found.get(made["ID"])
            found[made["ID"]] = made if before is None else _together(before, made)
    return [encode_json(each) for each in found.values()]


def _row(note: Raw, part: Any) -> Raw:
    invoice: Any = part.get("Invoice") if isinstance(part, dict) else None
    if not isinstance(invoice, dict) or not invoice.get("InvoiceID"):
        raise Undecodable("an allocation that names no invoice")
    amount = decode("number", part.get("Amount"))
    if amount is None:
        raise Undecodable("an allocation without an amount")
    return {
        "ID": allocation_id(note["CreditNoteID"], invoice["InvoiceID"]),
        "CreditNote": {name: note[name] for name in _NOTE if name in note},
        "Invoice": {name: invoice[name] for name in ("InvoiceID", "InvoiceNumber") if name in invoice},
        "Amount": amount,
        **({"Date": part["Date"]} if part.get("Date") else {}),
        "UpdatedDateUTC": note.get("UpdatedDateUTC") or "",
    }


def _together(one: Raw, other: Raw) -> Raw:
    """Two allocations between the same documents: both amounts, and the first day."""
    days = sorted(each["Date"] for each in (one, other) if each.get("Date"))
    total: Decimal = one["Amount"] + other["Amount"]
    return {**one, "Amount": total, **({"Date": days[0]} if days else {})}


# --- writing ----------------------------------------------------------------------------------------------------------


def allocating(body: Raw) -> tuple[str, Raw]:
    """The path that a new allocation is sent to, and what is sent. Raises ValueError without a credit note."""
    note = (body.get("CreditNote") or {}).get("CreditNoteID")
    if not note:
        raise ValueError("an allocation names the credit note that it is taken from")
    path = f"{KINDS['CreditNote'].path}/{step(note)}/{KINDS[ALLOCATION].plural}"
    return path, {name: value for name, value in body.items() if name != "CreditNote"}


def asked_for(path: str, sent: Raw) -> str:
    """The id of the allocation that a request makes."""
    note = path.removeprefix(f"{KINDS['CreditNote'].path}/").partition("/")[0]
    return allocation_id(note, sent["Invoice"]["InvoiceID"])
