"""How Stripe and the CRMs spell a sale: the open invoice, what pays it, the deal behind it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Raw: TypeAlias = dict[str, Any]
Seed: TypeAlias = Callable[[str, str, Raw], Raw]
"""Puts a record of a system and kind into its pretend vendor; gives it as the vendor holds it."""


def open_invoice(who: Raw, number: str, lines: Sequence[tuple[str, int]], product: str, at: int, /, **more: Any) -> Raw:
    """A Stripe invoice for this customer with these (description, smallest units) lines, due in 30 days from `at`;
    `more` is said instead.
    """
    total = sum(amount for _, amount in lines)
    return {
        "number": number,
        "customer": who["id"],
        "customer_email": who["email"],
        "customer_name": who["name"],
        "currency": who["currency"],
        "collection_method": "send_invoice",
        "created": at - 600,
        "due_date": at + 30 * 86_400,
        "effective_at": at - 300,
        "lines": [_line(product, description, amount, at) for description, amount in lines],
        "status": "open",
        "amount_due": total,
        "amount_remaining": total,
        "status_transitions": {
            "finalized_at": at - 300,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        **more,
    }


def _line(product: str, description: str, amount: int, at: int) -> Raw:
    return {
        "amount": amount,
        "description": description,
        "discount_amounts": [],
        "parent": {"invoice_item_details": {"invoice_item": "ii_sold"}},
        "period": {"start": at, "end": at},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": "price_sold", "product": product},
            "unit_amount_decimal": str(amount),
        },
        "quantity": 1,
        "taxes": [],
    }


def paid(seed: Seed, at: int, parts: Sequence[tuple[Raw, int]], received: int) -> tuple[Raw, list[Raw]]:
    """One Stripe charge of so much that pays these (invoice, smallest units), and the invoice payments that say so."""
    first = parts[0][0]
    same = {"customer": first["customer"], "currency": first["currency"], "created": at, "amount": received}
    intent = seed("stripe", "payment_intent", {**same, "amount_received": received, "status": "succeeded"})
    captured = {"amount_captured": received, "captured": True, "paid": True, "status": "succeeded"}
    charge = seed("stripe", "charge", {**same, **captured, "payment_intent": intent["id"]})
    payments = [
        seed(
            "stripe",
            "invoice_payment",
            {
                "created": at,
                "invoice": invoice["id"],
                "amount_paid": amount,
                "amount_requested": amount,
                "currency": invoice["currency"],
                "is_default": place == 0,
                "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
                "status": "paid",
                "status_transitions": {"canceled_at": None, "paid_at": at},
            },
        )
        for place, (invoice, amount) in enumerate(parts)
    ]
    return charge, payments


def hubspot_deal(cents: int, project: str) -> Raw:
    """A deal in US dollars that nobody has billed yet."""
    words = {
        "dealname": "Consulting",
        "amount": f"{cents / 100:.2f}",
        "deal_currency_code": "USD",
        "dealstage": "contractsent",
        "pipeline": "default",
        "project_id": project,
    }
    return {"properties": words}


def opportunity(cents: int, project: str) -> Raw:
    """The same in Salesforce."""
    return {
        "Name": "Consulting",
        "Amount": f"{cents / 100:.2f}",
        "CurrencyIsoCode": "USD",
        "StageName": "Negotiation/Review",
        "CloseDate": "2026-12-31",
        "Project_ID__c": project,
    }
