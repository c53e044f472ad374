"""Writes Xero's view of the pretend company, planted breaks included. No I/O.

Most breaks are here: the books are what people type into.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.company_sales import TAX_RATES
from syncctl.sandbox.facts import HOME, Company, Customer, Product
from syncctl.sandbox.ids import Ids
from syncctl.sandbox.seed_xero_money import seed_money
from syncctl.sandbox.seed_xero_sales import seed_sales
from syncctl.sandbox.seed_xero_shared import CREDITS, PROJECT, REFUNDS, SALES, TAX_TYPES, View
from syncctl.sandbox.typed import as_typed, capitalised

if TYPE_CHECKING:
    from syncctl.sandbox.xero import XeroSandbox

Raw = dict[str, Any]

_MORE_ACCOUNTS: Final = ((REFUNDS, "Refunds"), (CREDITS, "Credits"))


def tracking(company: Company) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The organisation's tracking categories: one, with an option for each project of sales."""
    return ((PROJECT, tuple(deal.project_id for deal in company.deals)),)


def seed_xero(vendor: XeroSandbox, company: Company, planted: Planted) -> None:
    """Fills a pretend Xero that has the chart of accounts of a new organisation.

    It must have been made with the company's currencies and with what `tracking` says.
    """
    for code, name in _MORE_ACCOUNTS:
        vendor.seed("Account", _account(code, name))
    for state in TAX_RATES:
        vendor.seed("TaxRate", _tax_rate(state))
    for product in company.products:
        vendor.seed("Item", _item(product, planted))
    view = View(company, planted, Ids(company.seed))
    for customer in company.customers:
        if not planted.has("customer_missing", customer.key):
            vendor.seed("Contact", _contact(customer, view))
    seed_sales(vendor, view)
    seed_money(vendor, view)
    for customer in company.customers:
        if planted.has("customer_inactive", customer.key):
            vendor.edit("Contact", view.ids.xero("customer", customer.key), ContactStatus="ARCHIVED")


def _account(code: str, name: str) -> Raw:
    return {
        "Code": code,
        "Name": name,
        "Type": "REVENUE",
        "Class": "REVENUE",
        "TaxType": "NONE",
        "EnablePaymentsToAccount": False,
    }


def _tax_rate(state: str) -> Raw:
    percent = Decimal(TAX_RATES[state]) * 100
    return {
        "Name": f"Sales tax {state}",
        "TaxType": TAX_TYPES[state],
        "ReportTaxType": "OUTPUT",
        "CanApplyToRevenue": True,
        "CanApplyToExpenses": False,
        "DisplayTaxRate": percent,
        "EffectiveRate": percent,
        "TaxComponents": [{"Name": "Sales tax", "Rate": percent, "IsCompound": False, "IsNonRecoverable": False}],
    }


def _item(product: Product, planted: Planted) -> Raw:
    return {
        "Code": product.sku,
        "Name": planted.wrong("item_renamed", product.key, product.name),
        "Description": product.description,
        "IsPurchased": False,
        "SalesDetails": {"UnitPrice": product.prices[HOME], "AccountCode": SALES},
    }


def _contact(customer: Customer, view: View) -> Raw:
    key, person, planted = customer.key, customer.person, view.planted
    lookalike = planted.get("name_lookalike", key)
    body = {
        "ContactID": view.ids.xero("customer", key),
        "Name": customer.name if lookalike is None else lookalike.wrong,
        "FirstName": person.first,
        "LastName": person.last,
        "DefaultCurrency": customer.currency,
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": as_typed(person.phone)}],
    }
    if lookalike is not None:
        return body
    email = planted.wrong("customer_email_changed", key, person.email)
    return {**body, "EmailAddress": capitalised(email, key), "Addresses": [_address(customer, planted)]}


def _address(customer: Customer, planted: Planted) -> Raw:
    home = customer.address
    return {
        "AddressType": "POBOX",
        "AddressLine1": planted.wrong("customer_address_stale", customer.key, home.line1),
        "AddressLine2": home.line2,
        "City": home.city,
        "Region": home.state,
        "PostalCode": home.postal_code,
        "Country": "USA" if home.country == "US" and customer.key % 2 else home.country,
    }
