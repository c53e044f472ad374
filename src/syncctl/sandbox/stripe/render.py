"""Records as answers show them: inner lists cut, links issued anew, statuses of now. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.sandbox.stripe.store import Store, Thing

INNER_ROWS: Final = 10
"""How many rows of an inner list an answer holds (airbyte #85087 measured it)."""

_LINKS: Final = {
    "invoice": ("hosted_invoice_url", "invoice_pdf"),
    "credit_note": ("pdf",),
    "charge": ("receipt_url",),
}


def shown(store: Store, thing: Thing) -> Thing:
    """A shallow copy fit to be sent."""
    kind = thing.get("object")
    if kind in ("invoice", "credit_note"):
        thing = {**thing, "lines": _beginning(thing)}
    if kind in _LINKS:
        return {**thing, **{name: _link(store, thing.get(name)) for name in _LINKS[kind]}}
    if kind == "balance_transaction":
        return {**thing, "status": _status(store, thing)}
    return thing


def _beginning(thing: Thing) -> Thing:
    rows = thing["lines"]["data"]
    counted = {"total_count": len(rows)} if thing["object"] == "invoice" else {}
    return {
        "object": "list",
        "data": rows[:INNER_ROWS],
        "has_more": len(rows) > INNER_ROWS,
        **counted,
        "url": thing["lines"]["url"],
    }


def _link(store: Store, stem: str | None) -> str | None:
    """Recorded: two reads one second apart carry different links."""
    return None if stem is None else f"{stem}{store.now()}?s=ap"


def _status(store: Store, transaction: Thing) -> str:
    return "available" if transaction["available_on"] <= store.now() else "pending"
