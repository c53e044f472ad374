"""What the vendor computes on an invoice: taxes of lines, totals, what is due. No I/O."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from syncctl.sandbox.stripe.store import Store, Thing


def tax_line(store: Store, line: Thing, rates: list[str]) -> None:
    """The taxes of a line at these rates."""
    line["taxes"] = [_tax(store.get("tax_rate", rate, param="tax_rates", in_path=False), line) for rate in rates]


def _tax(rate: Thing, line: Thing) -> Thing:
    percentage = Decimal(str(rate["percentage"])) / 100
    base = line["amount"] - sum(discount["amount"] for discount in line["discount_amounts"])
    share = base * percentage / (1 + percentage) if rate["inclusive"] else base * percentage
    amount = int(share.quantize(Decimal(1), ROUND_HALF_UP))
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "not_available",
        "taxable_amount": base - amount if rate["inclusive"] else base,
        "type": "tax_rate_details",
    }


def total(invoice: Thing) -> Thing:
    """Totals from the lines, for an invoice whose lines, shipping and payments are known."""
    lines = invoice["lines"]["data"]
    subtotal = sum(line["amount"] for line in lines)
    taxes = _summed_taxes(lines)
    discounts = _summed_discounts(lines)
    exclusive = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    inclusive = sum(tax["amount"] for tax in taxes) - exclusive
    discounted = subtotal - sum(discount["amount"] for discount in discounts)
    whole = discounted + exclusive + invoice["amount_shipping"]
    return {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - inclusive,
        "total": whole,
        "total_discount_amounts": discounts,
        "total_excluding_tax": whole - exclusive - inclusive,
        "total_taxes": taxes,
    }


def due(invoice: Thing) -> Thing:
    """What is still to be paid, from the total, the credit and what was paid."""
    owed = max(0, invoice["total"] + invoice["starting_balance"] - invoice["pre_payment_credit_notes_amount"])
    return {"amount_due": owed, "amount_remaining": max(0, owed - invoice["amount_paid"])}


def _summed_taxes(lines: list[Thing]) -> list[Thing]:
    sums: dict[tuple[Any, str], Thing] = {}
    for tax in (tax for line in lines for tax in line["taxes"]):
        key = (str(tax["tax_rate_details"]), tax["tax_behavior"])
        held = sums.setdefault(key, {**tax, "amount": 0, "taxable_amount": 0})
        held["amount"] += tax["amount"]
        held["taxable_amount"] += tax["taxable_amount"] or 0
    return list(sums.values())


def _summed_discounts(lines: list[Thing]) -> list[Thing]:
    sums: dict[str, Thing] = {}
    for discount in (discount for line in lines for discount in line["discount_amounts"]):
        held = sums.setdefault(discount["discount"], {"amount": 0, "discount": discount["discount"]})
        held["amount"] += discount["amount"]
    return list(sums.values())
