"""A record's state in the vocabulary all systems share. No I/O."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from syncctl.connectors.xero.kinds import DOCUMENTS, ENDED, TRANSACTIONS
from syncctl.fields.placeholder import EXPECTED
from syncctl.model import Raw

_STATUS: Final = {
    "Contact": "ContactStatus",
    "Account": "Status",
    "TaxRate": "Status",
    "TrackingCategory": "Status",
}
_LISTED: Final = {"ARCHIVED": "archived", "GDPRREQUEST": "archived", "DELETED": "deleted"}
_LEFT: Final = {"Invoice": "AmountDue", "CreditNote": "RemainingCredit"}


def state_of(kind: str, raw: Raw) -> str:
    """draft, open, part_paid, paid, void, archived or deleted.

    A deleted transaction is void: Xero keeps it, and deleting is how drafts and payments are voided there.
    """
    if kind not in TRANSACTIONS:
        return _LISTED.get(_word(raw, _STATUS.get(kind, "")), "open")
    status = _word(raw, "Status")
    if status in ENDED:
        return "void"
    if kind in DOCUMENTS:
        return _document(kind, status or "DRAFT", raw)
    if kind == "ManualJournal":
        return {"DRAFT": "draft", "ARCHIVED": "archived"}.get(status, "open")
    return "open"


def _document(kind: str, status: str, raw: Raw) -> str:
    if status in ("DRAFT", "SUBMITTED"):
        return "draft"
    left, total = _amount(raw.get(_LEFT[kind])), _amount(raw.get("Total"))
    if status == "PAID" and (left is None or left == 0):
        return "paid"
    if left is None or total is None:
        return "open"
    if left == 0 and total != 0:
        return "paid"
    return "part_paid" if abs(left) < abs(total) else "open"


def _word(raw: Raw, name: str) -> str:
    """A status; empty where there is none, or where a planned write leaves it to Xero."""
    found = raw.get(name)
    return found if isinstance(found, str) else ""


def _amount(value: object) -> Decimal | None:
    """The amount, or the one that a planned write is expected to leave."""
    if isinstance(value, dict) and EXPECTED in value:
        return Decimal(value[EXPECTED])
    return Decimal(value) if isinstance(value, int | Decimal) else None
