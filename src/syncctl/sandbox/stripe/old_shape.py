"""Invoices as API versions before 2025-03-31.basil send them, for accounts and requests that ask for one. No I/O."""

from __future__ import annotations

from typing import Any, Final

from syncctl.sandbox.stripe.store import Store, Thing

BASIL: Final = "2025-03-31"
"""docs.stripe.com/changelog/basil/2025-03-31: the renames that matter here; the names as recorded for 2024-06-20."""


def as_of(store: Store, answer: Any, version: str) -> Any:
    """The answer in the shape of that version."""
    if version[:10] >= BASIL or not isinstance(answer, dict):
        return answer
    if answer.get("object") == "list":
        return {**answer, "data": [as_of(store, row, version) for row in answer["data"]]}
    return _invoice(store, answer) if answer.get("object") == "invoice" else answer


def _invoice(store: Store, invoice: Thing) -> Thing:
    payments = [p for p in store.things["invoice_payment"].values() if p["invoice"] == invoice["id"]]
    intent_id = payments[-1]["payment"]["payment_intent"] if payments else None
    intent = store.things["payment_intent"].get(intent_id or "", {})
    taxes = invoice["total_taxes"]
    kept = {key: value for key, value in invoice.items() if key not in ("parent", "total_taxes", "amount_overpaid")}
    return {
        **kept,
        "charge": intent.get("latest_charge"),
        "discount": None,
        "lines": {**invoice["lines"], "data": [_line(line) for line in invoice["lines"]["data"]]},
        "paid": invoice["status"] == "paid",
        "payment_intent": intent_id,
        "quote": None,
        "subscription": None,
        "tax": sum(tax["amount"] for tax in taxes) if taxes else None,
        "total_tax_amounts": taxes,
    }


def _line(line: Thing) -> Thing:
    kept = {key: value for key, value in line.items() if key not in ("parent", "pricing", "taxes", "subtotal")}
    return {**kept, "price": line["pricing"], "proration": False, "tax_amounts": line["taxes"], "type": "invoiceitem"}
