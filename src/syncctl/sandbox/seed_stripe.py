"""Writes Stripe's view of the pretend company, planted breaks included. No I/O.

Stripe is where the sales happen, so little here is wrong: it may not know the other systems' ids, and a name may be one
that the books do not take.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.company_sales import TAX_RATES
from syncctl.sandbox.facts import HOME, Company, Currency, Customer, Product
from syncctl.sandbox.ids import CRM_NOUNS, Ids
from syncctl.sandbox.seed_stripe_invoices import Invoices
from syncctl.sandbox.seed_stripe_money import money_bodies
from syncctl.sandbox.seed_stripe_shared import address, epoch, minor, price_id, tax_rate_id
from syncctl.stack import Stack

Raw = dict[str, Any]


def seed_stripe(vendor: Vendor, company: Company, planted: Planted, stack: Stack) -> None:
    """Fills a fresh pretend Stripe, whose records know their partners' ids in this stack."""
    for kind, body in stripe_bodies(company, planted, stack):
        vendor.seed(kind, body)


def stripe_bodies(company: Company, planted: Planted, stack: Stack) -> Iterator[tuple[str, Raw]]:
    """Every record, each after those it names."""
    ids = Ids(company.seed)
    founded = epoch(company.customers[0].created)
    for state in TAX_RATES:
        yield "tax_rate", _tax_rate(state, ids, founded)
    for product in company.products:
        yield "product", _product(product, ids, founded)
        for currency in product.prices:
            yield "price", _price(product, currency, ids, founded)
    for customer in company.customers:
        yield "customer", _customer(customer, planted, ids, stack)
    invoices = Invoices(company, planted, ids, stack)
    for invoice in company.invoices:
        yield "invoice", invoices.invoice(invoice)
    for note in company.credit_notes:
        yield "credit_note", invoices.credit_note(note)
    yield from money_bodies(company, ids)


def _tax_rate(state: str, ids: Ids, founded: int) -> Raw:
    return {
        "id": tax_rate_id(ids, state),
        "created": founded,
        "display_name": "Sales tax",
        "country": "US",
        "state": state,
        "jurisdiction": state,
        "percentage": Decimal(TAX_RATES[state]) * 100,
        "inclusive": False,
        "tax_type": "sales_tax",
    }


def _product(product: Product, ids: Ids, founded: int) -> Raw:
    return {
        "id": ids.stripe("prod", product.key),
        "created": founded,
        "updated": founded,
        "name": product.name,
        "description": product.description,
        "active": True,
        "default_price": price_id(ids, product, HOME),
        "metadata": {"sku": product.sku},
    }


def _price(product: Product, currency: Currency, ids: Ids, founded: int) -> Raw:
    amount = minor(product.prices[currency], currency)
    return {
        "id": price_id(ids, product, currency),
        "created": founded,
        "product": ids.stripe("prod", product.key),
        "currency": currency.lower(),
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
        "type": "one_time",
        "billing_scheme": "per_unit",
        "tax_behavior": "exclusive",
        "active": True,
    }


def _customer(customer: Customer, planted: Planted, ids: Ids, stack: Stack) -> Raw:
    return {
        "id": ids.stripe("cus", customer.key),
        "created": epoch(customer.created),
        "name": planted.wrong("colon_name", customer.key, customer.name),
        "email": customer.person.email,
        "phone": customer.person.phone,
        "address": address(customer.address),
        "currency": customer.currency.lower(),
        "tax_exempt": "exempt" if customer.tax_exempt else "none",
        "metadata": _links(customer, planted, ids, stack),
    }


def _links(customer: Customer, planted: Planted, ids: Ids, stack: Stack) -> Raw:
    """What Stripe knows of the other systems."""
    unknown = ("customer_missing", "colon_name", "customer_unlinked", "name_lookalike")
    booked = not any(planted.has(kind, customer.key) for kind in unknown)
    nouns = CRM_NOUNS[stack.crm]
    people = [nouns["contact"], *([nouns["company"]] if customer.company else [])]
    return {
        **{f"{stack.crm}_{noun}_id": ids.at(stack.crm, noun, customer.key) for noun in people},
        "account_manager": customer.owner.email,
        **({f"{stack.books}_id": ids.at(stack.books, "customer", customer.key)} if booked else {}),
    }
