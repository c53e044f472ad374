"""Writes QuickBooks' view of the pretend company, planted breaks included. No I/O.

Most breaks are here: the books are what people type into.
"""

from __future__ import annotations

from typing import Any, Final

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.facts import HOME, Company, Customer, Product
from syncctl.sandbox.ids import Ids
from syncctl.sandbox.seed_quickbooks_money import seed_money
from syncctl.sandbox.seed_quickbooks_sales import seed_sales
from syncctl.sandbox.seed_quickbooks_shared import Lists, View, receivable, stamps
from syncctl.sandbox.typed import as_typed, capitalised

Raw = dict[str, Any]

INCOME: Final = "Sales of Product Income"


def seed_quickbooks(vendor: Vendor, company: Company, planted: Planted) -> None:
    """Fills a pretend QuickBooks that has the chart of accounts, items and terms of a new company.

    It must have been made with multicurrency and with the custom fields in `CUSTOM_FIELDS`.
    """
    lists = Lists(vendor)
    lists.add("Account", {"Name": "Stripe clearing", "AccountType": "Bank", "AccountSubType": "CashOnHand"})
    for currency in sorted({customer.currency for customer in company.customers} - {HOME}):
        account = {"Name": receivable(currency), "CurrencyRef": {"value": currency}}
        lists.add("Account", {**account, "AccountType": "Accounts Receivable", "AccountSubType": "AccountsReceivable"})
    for product in company.products:
        lists.add("Item", _item(product, planted, lists), called=product.name)
    view = View(company, planted, Ids(company.seed), lists)
    for customer in company.customers:
        if not planted.has("customer_missing", customer.key) and not planted.has("colon_name", customer.key):
            vendor.seed("Customer", _customer(customer, planted, view.ids))
    seed_sales(vendor, view)
    seed_money(vendor, view)


def _item(product: Product, planted: Planted, lists: Lists) -> Raw:
    return {
        "Name": planted.wrong("item_renamed", product.key, product.name),
        "Sku": product.sku,
        "Description": product.description,
        "Type": "NonInventory" if product.taxable else "Service",
        "UnitPrice": product.prices[HOME],
        "Taxable": product.taxable,
        "IncomeAccountRef": lists.ref("Account", INCOME),
    }


def _customer(customer: Customer, planted: Planted, ids: Ids) -> Raw:
    key, person, home = customer.key, customer.person, customer.address
    lookalike = planted.get("name_lookalike", key)
    name = customer.name if lookalike is None else lookalike.wrong
    body = {
        "Id": ids.quickbooks("customer", key),
        "MetaData": stamps(customer.created),
        "DisplayName": name,
        "CompanyName": name,
        "GivenName": person.first,
        "FamilyName": person.last,
        "PrimaryPhone": {"FreeFormNumber": as_typed(person.phone)},
        "CurrencyRef": {"value": HOME if planted.has("currency_mismatch", key) else customer.currency},
        "Taxable": not customer.tax_exempt,
        "Active": not planted.has("customer_inactive", key),
    }
    if lookalike is not None:
        return body
    address = {
        "Line1": planted.wrong("customer_address_stale", key, home.line1),
        "Line2": home.line2,
        "City": home.city,
        "CountrySubDivisionCode": home.state,
        "PostalCode": home.postal_code,
        "Country": "USA" if home.country == "US" and key % 2 else home.country,
    }
    email = planted.wrong("customer_email_changed", key, person.email)
    return {**body, "BillAddr": address, "PrimaryEmailAddr": {"Address": capitalised(email, key)}}
