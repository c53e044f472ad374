"""Writes the ERP's view of the pretend company: its customers. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncctl.sandbox.erp.spelling import moment_text
from syncctl.sandbox.facts import Company, Customer

if TYPE_CHECKING:
    from syncctl.sandbox.erp import ErpSandbox


def seed_erp(vendor: ErpSandbox, company: Company) -> None:
    """Fills a pretend ERP with every customer as the facts have it; nothing is planted there."""
    for customer in company.customers:
        vendor.seed("customer", _customer(customer))


def _customer(customer: Customer) -> dict[str, Any]:
    home = customer.address
    return {
        "name": customer.name,
        "email": customer.person.email,
        "street": home.line1,
        "city": home.city,
        "country": home.country,
        "curr": customer.currency,
        "changed_at": moment_text(customer.created),
    }
