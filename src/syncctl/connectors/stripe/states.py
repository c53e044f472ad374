"""A record's state in the one vocabulary: draft, open, part_paid, paid, void, archived, deleted. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.model import Raw

_BY_STATUS: Final[dict[str, dict[str, str]]] = {
    "invoice": {"draft": "draft", "paid": "paid", "void": "void"},
    "charge": {"succeeded": "paid", "failed": "void"},
    "refund": {"succeeded": "paid", "failed": "void", "canceled": "void"},
    "credit_note": {"void": "void"},
    "invoice_payment": {"paid": "paid", "canceled": "void"},
    "payout": {"paid": "paid", "canceled": "void", "failed": "void"},
    "balance_transaction": {"available": "paid"},
}
"""What is not named here is open: an uncollectible invoice, a pending charge, a payout in transit."""


def state_of(kind: str, raw: Raw) -> str:
    """The state; "open" when nothing says otherwise."""
    if raw.get("deleted") is True:
        return "deleted"
    if kind in ("product", "price"):
        return "archived" if raw.get("active") is False else "open"
    if kind == "charge" and raw.get("captured") is False:
        return _uncaptured(raw)
    state = _BY_STATUS.get(kind, {}).get(str(raw.get("status")), "open")
    if kind == "invoice" and state == "open" and (raw.get("amount_paid") or 0) > 0:
        return "part_paid"
    return state


def _uncaptured(charge: Raw) -> str:
    """An authorisation is no money yet: open until it is captured, void once released or failed."""
    return "void" if charge.get("refunded") or charge.get("status") == "failed" else "open"
