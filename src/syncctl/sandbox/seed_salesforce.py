"""Writes Salesforce's view of the pretend company, planted breaks included. No I/O.

Accounts and contacts say who the customer is, opportunities what was sold; what the books told the opportunities
(number, stage, open balance) is as an earlier sync left it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.facts import Address, Company, Customer, Deal, Lead, Person, Stage
from syncctl.sandbox.ids import Ids
from syncctl.stack import TITLES, Stack

if TYPE_CHECKING:
    from syncctl.sandbox.salesforce import SalesforceSandbox

Raw = dict[str, Any]

STAGES: Final[dict[Stage, str]] = {
    "appointmentscheduled": "Prospecting",
    "qualifiedtobuy": "Qualification",
    "contractsent": "Negotiation/Review",
    "invoiced": "Invoiced",
    "closedwon": "Closed Won",
    "closedlost": "Closed Lost",
}
"""What each stage is called here; somebody added `Invoiced` in Setup."""
PROJECT: Final = "Project_ID__c"
BALANCE: Final = "Open_Balance__c"
STRIPE: Final = "Stripe_Customer_ID__c"
_EXTERNAL_ID: Final = {
    "name": "syncctl_External_Id__c",
    "label": "syncctl external ID",
    "length": 64,
    "externalId": True,
    "unique": True,
    "caseSensitive": True,
}
_FIELDS: Final[tuple[tuple[str, Raw], ...]] = (
    *((kind, _EXTERNAL_ID) for kind in ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Product2")),
    *((kind, {"name": STRIPE, "label": "Stripe customer ID"}) for kind in ("Account", "Contact")),
    ("Opportunity", {"name": PROJECT, "label": "Project ID", "length": 40}),
    ("Opportunity", {"name": BALANCE, "label": "Open balance", "type": "currency"}),
)


def seed_salesforce(vendor: SalesforceSandbox, company: Company, planted: Planted, stack: Stack) -> None:
    """Fills a fresh pretend org that has the company's currencies; the books of this stack told its opportunities."""
    view = _View(company, planted, Ids(company.seed), stack)
    _furnish(vendor, view.number, f"{TITLES[stack.books]} invoice number")
    for owner in company.owners:
        name = {"FirstName": owner.first, "LastName": owner.last, "Username": owner.email, "Email": owner.email}
        vendor.seed("User", {"Id": view.ids.salesforce("owner", owner.key), **name})
    for product in company.products:
        body = {"Name": product.name, "ProductCode": product.sku, "Description": product.description}
        vendor.seed("Product2", {"Id": view.ids.salesforce("product", product.key), **body})
    for customer in company.customers:
        if customer.company:
            vendor.seed("Account", view.account(customer))
        vendor.seed("Contact", view.contact(customer))
    for lead in company.leads:
        vendor.seed("Contact", view.lead(lead))
    for deal in company.deals:
        vendor.seed("Opportunity", view.opportunity(deal))


def _furnish(vendor: SalesforceSandbox, number: str, label: str) -> None:
    """The custom fields, and the stage that a new org does not have."""
    for kind, definition in (*_FIELDS, ("Opportunity", {"name": number, "label": label, "length": 40})):
        vendor.seed(f"field:{kind}", definition)
    fields = vendor.org.objects["Opportunity"].fields
    stage = fields["StageName"]
    fields["StageName"] = replace(stage, options=(*stage.options, (STAGES["invoiced"], True)))


def _stamps(created: datetime, updated: datetime) -> Raw:
    return {"CreatedDate": created.isoformat(), "LastModifiedDate": updated.isoformat()}


class _View:
    """How each fact looks in Salesforce."""

    def __init__(self, company: Company, planted: Planted, ids: Ids, stack: Stack) -> None:
        self.company = company
        self.planted = planted
        self.ids = ids
        self.number = f"{TITLES[stack.books]}_Invoice__c"

    def account(self, customer: Customer) -> Raw:
        return {
            "Id": self.ids.salesforce("account", customer.key),
            "Name": self.planted.wrong("colon_name", customer.key, customer.company),
            "Type": "Customer - Direct",
            "Website": f"https://www.{customer.domain}",
            "Phone": customer.person.phone,
            "OwnerId": self.ids.salesforce("owner", customer.owner.key),
            "CurrencyIsoCode": customer.currency,
            STRIPE: self.ids.stripe("cus", customer.key),
            **_address(customer.address),
            **_stamps(customer.created, customer.created),
        }

    def contact(self, customer: Customer) -> Raw:
        linked = not self.planted.has("contact_unlinked", customer.key)
        return {
            "Id": self.ids.salesforce("contact", customer.key),
            **_person(customer.person),
            "Phone": self.planted.wrong("contact_phone_drift", customer.key, customer.person.phone),
            "AccountId": self._account_of(customer),
            "OwnerId": self.ids.salesforce("owner", customer.owner.key),
            "CurrencyIsoCode": customer.currency,
            STRIPE: self.ids.stripe("cus", customer.key) if linked else None,
            **_stamps(customer.created, customer.created + timedelta(days=1)),
        }

    def lead(self, lead: Lead) -> Raw:
        return {
            "Id": self.ids.salesforce("lead", lead.key),
            **_person(lead.person),
            "OwnerId": self.ids.salesforce("owner", lead.owner.key),
            **_stamps(lead.created, lead.created),
        }

    def _account_of(self, customer: Customer) -> str | None:
        return self.ids.salesforce("account", customer.key) if customer.company else None

    def opportunity(self, deal: Deal) -> Raw:
        return {
            "Id": self.ids.salesforce("opportunity", deal.key),
            "Name": deal.name,
            "AccountId": self._account_of(deal.customer),
            "Amount": self.planted.wrong("deal_amount_differs", deal.key, str(deal.amount)),
            "CurrencyIsoCode": deal.customer.currency,
            "CloseDate": deal.closes.isoformat(),
            "OwnerId": self.ids.salesforce("owner", deal.customer.owner.key),
            PROJECT: deal.project_id,
            **self._told_by_the_books(deal),
            **_stamps(deal.created, deal.created + timedelta(hours=2)),
        }

    def _told_by_the_books(self, deal: Deal) -> Raw:
        """Stage, invoice number and open balance: what the books say, once the invoice is there."""
        invoice = deal.invoice
        if invoice is None:
            return {"StageName": STAGES[deal.stage]}
        if not self.planted.booked(invoice):
            return {"StageName": STAGES["contractsent"]}
        stale = self.planted.has("deal_stage_stale", deal.key)
        return {
            "StageName": STAGES["invoiced" if stale else deal.stage],
            self.number: self.planted.wrong("deal_number_missing", deal.key, invoice.number),
            BALANCE: str(invoice.total if stale else self.company.remaining(invoice)),
        }


def _person(person: Person) -> Raw:
    return {"FirstName": person.first, "LastName": person.last, "Email": person.email, "Phone": person.phone}


def _address(address: Address) -> Raw:
    return {
        "BillingStreet": "\n".join(filter(None, (address.line1, address.line2))),
        "BillingCity": address.city,
        "BillingPostalCode": address.postal_code,
        "BillingCountry": address.country_name,
    }
