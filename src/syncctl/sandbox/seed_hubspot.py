"""Writes HubSpot's view of the pretend company, planted breaks included. No I/O.

Contacts and companies say who the customer is, deals what was sold; what the books told the deals (number, stage,
open balance) is as an earlier sync left it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.facts import HOME, Address, Company, Customer, Deal, Lead, Person, Stage
from syncctl.sandbox.ids import Ids
from syncctl.sandbox.vocabulary import PRODUCTS
from syncctl.stack import TITLES, Stack

Raw = dict[str, Any]

LINES_MAX: Final = len(PRODUCTS)
"""An invoice has each product at most once."""
STAGE_IDS: Final[Mapping[Stage, str]] = {"invoiced": "1089402233"}
"""A stage that somebody added has a number; the vendor's own stages have words."""
_PROBABILITY: Final[Mapping[Stage, tuple[str, str]]] = {
    "appointmentscheduled": ("Appointment scheduled", "0.2"),
    "qualifiedtobuy": ("Qualified to buy", "0.4"),
    "contractsent": ("Contract sent", "0.9"),
    "invoiced": ("Invoiced", "0.95"),
    "closedwon": ("Closed won", "1.0"),
    "closedlost": ("Closed lost", "0.0"),
}
_PROPERTIES: Final[tuple[tuple[str, Raw], ...]] = (
    ("deal", {"name": "project_id", "label": "Project ID"}),
    ("deal", {"name": "open_balance", "label": "Open balance", "type": "number", "showCurrencySymbol": True}),
    ("contact", {"name": "stripe_customer_id", "label": "Stripe customer ID"}),
    ("contact", {"name": "tax_exempt", "label": "Tax exempt", "type": "bool"}),
    *((kind, {"name": "syncctl_external_id", "label": "syncctl external ID", "hasUniqueValue": True})
      for kind in ("contact", "company", "deal")),
)  # fmt: skip


def seed_hubspot(vendor: Vendor, company: Company, planted: Planted, stack: Stack) -> None:
    """Fills a fresh pretend HubSpot, whose deals were told by the books of this stack."""
    view = _View(company, planted, Ids(company.seed), stack)
    for kind, definition in _PROPERTIES:
        vendor.seed(f"property:{kind}", definition)
    label = f"{TITLES[stack.books]} invoice number"
    vendor.seed("property:deal", {"name": view.number, "label": label})
    vendor.seed("pipeline", view.pipeline())
    for owner in company.owners:
        body = {"id": view.ids.hubspot("owner", owner.key), "email": owner.email}
        vendor.seed("owner", {**body, "firstName": owner.first, "lastName": owner.last})
    for product in company.products:
        properties = {"name": product.name, "hs_sku": product.sku, "price": str(product.prices[HOME])}
        at = company.customers[0].created
        vendor.seed("product", _record(view.ids.hubspot("product", product.key), at, at, properties))
    for customer in company.customers:
        if customer.company:
            vendor.seed("company", view.firm(customer))
        vendor.seed("contact", view.contact(customer))
    for lead in company.leads:
        vendor.seed("contact", view.lead(lead))
    for deal in company.deals:
        vendor.seed("deal", view.deal(deal))
        for body in view.line_items(deal):
            vendor.seed("line_item", body)


def stage_id(stage: Stage) -> str:
    """The id of a stage in the seeded pipeline."""
    return STAGE_IDS.get(stage, stage)


def _record(identity: str, created: datetime, updated: datetime, properties: Raw) -> Raw:
    filled = {name: value for name, value in properties.items() if value != ""}
    return {
        "id": identity,
        "createdAt": created.isoformat(),
        "updatedAt": updated.isoformat(),
        "properties": filled,
    }


class _View:
    """How each fact looks in HubSpot."""

    def __init__(self, company: Company, planted: Planted, ids: Ids, stack: Stack) -> None:
        self.company = company
        self.planted = planted
        self.ids = ids
        self.number = f"{stack.books}_invoice_number"

    def pipeline(self) -> Raw:
        stages = [
            {
                "id": stage_id(stage),
                "label": label,
                "metadata": {"probability": probability, "isClosed": str(stage in ("closedwon", "closedlost")).lower()},
            }
            for stage, (label, probability) in _PROBABILITY.items()
        ]
        return {"id": "default", "label": "Sales Pipeline", "stages": stages}

    def firm(self, customer: Customer) -> Raw:
        properties = {
            "name": self.planted.wrong("colon_name", customer.key, customer.company),
            "domain": customer.domain,
            "lifecyclestage": "customer",
            "hubspot_owner_id": self.ids.hubspot("owner", customer.owner.key),
            **_address(customer.address),
            "address2": customer.address.line2,
        }
        return _record(self.ids.hubspot("company", customer.key), customer.created, customer.created, properties)

    def contact(self, customer: Customer) -> Raw:
        linked = not self.planted.has("contact_unlinked", customer.key)
        properties = {
            **_person(customer.person),
            "phone": self.planted.wrong("contact_phone_drift", customer.key, customer.person.phone),
            "lifecyclestage": "customer",
            "hubspot_owner_id": self.ids.hubspot("owner", customer.owner.key),
            "tax_exempt": "true" if customer.tax_exempt else "false",
            "stripe_customer_id": self.ids.stripe("cus", customer.key) if linked else "",
            **({} if customer.company else _address(customer.address)),
        }
        updated = customer.created + timedelta(days=1)
        body = _record(self.ids.hubspot("contact", customer.key), customer.created, updated, properties)
        return {**body, "associations": self._firm_of(customer)}

    def lead(self, lead: Lead) -> Raw:
        owner = self.ids.hubspot("owner", lead.owner.key)
        properties = {**_person(lead.person), "lifecyclestage": "lead", "hubspot_owner_id": owner}
        return _record(self.ids.hubspot("lead", lead.key), lead.created, lead.created, properties)

    def _firm_of(self, customer: Customer) -> Raw:
        if not customer.company:
            return {}
        return {"companies": [{"id": self.ids.hubspot("company", customer.key), "label": "primary"}]}

    def deal(self, deal: Deal) -> Raw:
        rate = deal.invoice.exchange_rate if deal.invoice else Decimal(1)
        properties = {
            "dealname": deal.name,
            "pipeline": "default",
            "amount": self.planted.wrong("deal_amount_differs", deal.key, str(deal.amount)),
            "deal_currency_code": deal.customer.currency,
            "hs_exchange_rate": "" if rate == 1 else str(rate),
            "closedate": f"{deal.closes.isoformat()}T00:00:00Z",
            "hubspot_owner_id": self.ids.hubspot("owner", deal.customer.owner.key),
            "project_id": deal.project_id,
            **self._told_by_the_books(deal),
        }
        updated = deal.created + timedelta(hours=2)
        body = _record(self.ids.hubspot("deal", deal.key), deal.created, updated, properties)
        contacts = {"contacts": [self.ids.hubspot("contact", deal.customer.key)]}
        return {**body, "associations": {**contacts, **self._firm_of(deal.customer)}}

    def line_items(self, deal: Deal) -> Iterator[Raw]:
        """What was sold, one per line of the deal's invoice."""
        if deal.invoice is None:
            return
        for place, line in enumerate(deal.invoice.lines):
            properties = {
                "name": line.product.name,
                "hs_sku": line.product.sku,
                "hs_product_id": self.ids.hubspot("product", line.product.key),
                "price": str(line.unit_price),
                "quantity": str(line.quantity),
                "hs_line_item_currency_code": deal.customer.currency,
            }
            identity = self.ids.hubspot("line item", deal.key * LINES_MAX + place)
            body = _record(identity, deal.created, deal.created, properties)
            yield {**body, "associations": {"deals": [self.ids.hubspot("deal", deal.key)]}}

    def _told_by_the_books(self, deal: Deal) -> Raw:
        """Stage, invoice number and open balance: what the books say, once the invoice is there."""
        invoice = deal.invoice
        if invoice is None:
            return {"dealstage": stage_id(deal.stage)}
        if not self.planted.booked(invoice):
            return {"dealstage": stage_id("contractsent")}
        stale = self.planted.has("deal_stage_stale", deal.key)
        return {
            "dealstage": stage_id("invoiced" if stale else deal.stage),
            self.number: self.planted.wrong("deal_number_missing", deal.key, invoice.number),
            "open_balance": str(invoice.total if stale else self.company.remaining(invoice)),
        }


def _person(person: Person) -> Raw:
    return {"firstname": person.first, "lastname": person.last, "email": person.email, "phone": person.phone}


def _address(address: Address) -> Raw:
    return {
        "address": address.line1,
        "city": address.city,
        "state": address.state,
        "zip": address.postal_code,
        "country": address.country_name,
    }
