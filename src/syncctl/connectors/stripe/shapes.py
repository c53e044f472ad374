"""Tells an answer in an older shape than the pinned API version, by the names of its fields. No I/O.

The renames are those of docs.stripe.com/changelog/basil and later; the names were checked against real answers of
the versions 2020-08-27 to 2026-03-25.dahlia.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from syncctl.model import Problem, Raw

OLD_FIELDS: Final[dict[str, dict[str, str]]] = {
    "invoice": {
        "charge": "payments (the kind invoice_payment)",
        "payment_intent": "payments (the kind invoice_payment)",
        "paid": "status",
        "paid_out_of_band": "amount_paid_off_stripe",
        "subscription": "parent.subscription_details.subscription",
        "subscription_details": "parent.subscription_details",
        "quote": "parent.quote_details.quote",
        "discount": "discounts",
        "tax": "total_taxes",
        "total_tax_amounts": "total_taxes",
        "application_fee_amount": "the charge's application_fee_amount",
        "transfer_data": "the charge's transfer_data",
    },
    "line": {
        "price": "pricing.price_details.price",
        "plan": "pricing.price_details.price",
        "proration": "parent.subscription_item_details.proration",
        "proration_details": "parent.subscription_item_details.proration_details",
        "invoice_item": "parent.invoice_item_details.invoice_item",
        "tax_amounts": "taxes",
        "tax_rates": "taxes",
        "type": "parent.type",
        "amount_excluding_tax": "subtotal",
        "unit_amount_excluding_tax": "pricing.unit_amount_decimal",
    },
    "charge": {"invoice": "invoice_payments (the kind invoice_payment)"},
    "credit_note": {"refund": "refunds", "tax_amounts": "total_taxes"},
}
"""Kind -> field that only older versions have -> where its value is now. Lines are those of an invoice."""

_NO_SIGN: Final = "subscription"
"""Stripe's own example objects of 2026-07 still show `invoice.subscription: null`: alone it is no sign of age."""


def shape_problems(kind: str, raw: Raw) -> tuple[Problem, ...]:
    """Every field of a record that only an older API version has; empty when the shape is the pinned one."""
    where = f"{kind}:{raw.get('id', '?')}"
    found = list(_old(kind, raw, where, ""))
    if kind == "invoice":
        for number, line in enumerate(_lines(raw)):
            found += _old("line", line, where, f"lines.data.{number}.")
    if len(found) == 1 and raw.get(_NO_SIGN, "") is None:
        return ()
    return tuple(found)


def _old(kind: str, raw: Raw, where: str, prefix: str) -> Iterator[Problem]:
    for name, replacement in OLD_FIELDS.get(kind, {}).items():
        if name in raw:
            yield Problem(where, f"{prefix}{name} belongs to an older API version", f"it is now {replacement}")


def _lines(raw: Raw) -> list[dict[str, Any]]:
    lines = raw.get("lines")
    data = lines.get("data") if isinstance(lines, dict) else None
    return [line for line in data if isinstance(line, dict)] if isinstance(data, list) else []
