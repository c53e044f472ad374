"""A record's state in the vocabulary all systems share. No I/O."""

from __future__ import annotations

from decimal import Decimal

from syncctl.connectors.quickbooks.kinds import SALES_FORMS, TRANSACTIONS, looks_void
from syncctl.fields.placeholder import EXPECTED
from syncctl.model import Raw


def state_of(kind: str, raw: Raw) -> str:
    """open, part_paid, paid, void, archived or deleted.

    QuickBooks has no status: void is a total of 0 with its word in the note, paid a balance of 0.
    """
    if raw.get("status") == "Deleted":
        return "deleted"
    if kind not in TRANSACTIONS:
        return "archived" if raw.get("Active") is False else "open"
    if looks_void(raw.get("TotalAmt"), raw.get("PrivateNote")):
        return "void"
    if kind not in SALES_FORMS:
        return "open"
    balance, total = _amount(raw, "Balance"), _amount(raw, "TotalAmt")
    if balance is None or total is None:
        return "open"
    if balance == 0:
        return "paid"
    return "part_paid" if abs(balance) < abs(total) else "open"


def _amount(raw: Raw, name: str) -> Decimal | None:
    """The amount, or the one that a planned write is expected to leave."""
    value = raw.get(name)
    if isinstance(value, dict) and EXPECTED in value:
        return Decimal(value[EXPECTED])
    return Decimal(value) if isinstance(value, int | Decimal) else None
