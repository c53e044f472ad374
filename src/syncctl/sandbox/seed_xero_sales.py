"""Xero's view of invoices. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.facts import HOME, Customer, Invoice, Line
from syncctl.sandbox.marked import invoice_marker
from syncctl.sandbox.seed_xero_shared import SALES, SHIPPING, TAX_TYPES, View, rate, tracked
from syncctl.sandbox.vocabulary import PRODUCTS

Raw = dict[str, Any]

TYPED_IN_DAYS_AGO: Final = 20
LINES_MAX: Final = len(PRODUCTS) + 1
"""Each product at most once, and the shipping."""


def seed_sales(vendor: Vendor, view: View) -> None:
    """Every invoice that is in the books, and those that are nowhere else."""
    for invoice in view.company.invoices:
        if not view.planted.booked(invoice):
            continue
        for body in _copies(invoice, view):
            vendor.seed("Invoice", body)
    for customer in view.company.customers:
        planted = view.planted.get("orphan_invoice", customer.key)
        if planted is not None:
            vendor.seed("Invoice", _typed_in(customer, planted.wrong, view))


def _copies(invoice: Invoice, view: View) -> Iterator[Raw]:
    """The invoice once; or, typed in twice, under two numbers that are not quite its own: Xero takes a number once."""
    body = _invoice(invoice, view)
    if not view.planted.has("invoice_tie", invoice.key):
        yield body
        return
    for copy in (1, 2):
        identity = view.ids.xero("invoice", invoice.key) if copy == 1 else view.ids.xero("second copy", invoice.key)
        lines = [{name: line[name] for name in line if name != "LineItemID"} for line in body["LineItems"]]
        yield {**body, "InvoiceID": identity, "InvoiceNumber": f"{invoice.number}/{copy}", "LineItems": lines}


def _invoice(invoice: Invoice, view: View) -> Raw:
    planted = view.planted
    voided = invoice.void and not planted.has("invoice_voided", invoice.key)
    return {
        **view.head(invoice.customer, invoice.issued),
        **({} if invoice.currency == HOME else {"CurrencyRate": rate(invoice.exchange_rate)}),
        "InvoiceID": view.ids.xero("invoice", invoice.key),
        "Type": "ACCREC",
        "Status": "VOIDED" if voided else "AUTHORISED",
        "InvoiceNumber": invoice.number,
        "DueDate": planted.wrong("due_date_differs", invoice.key, invoice.due.date().isoformat()),
        "Reference": invoice_marker(invoice, view.company, view.planted, view.ids),
        "LineItems": [*_sold(invoice, view), *_shipping(invoice, view)],
    }


def _sold(invoice: Invoice, view: View) -> list[Raw]:
    lines = [_line(invoice, place, line, view) for place, line in enumerate(invoice.lines)]
    cent = Decimal(view.planted.wrong("rounding_cent", invoice.key, str(invoice.tax))) - invoice.tax
    if cent:
        taxed = next(place for place, line in enumerate(invoice.lines) if line.tax)
        lines[taxed]["TaxAmount"] = invoice.lines[taxed].tax + cent
    return lines


def _line(invoice: Invoice, place: int, line: Line, view: View) -> Raw:
    price = line.unit_price
    if place == 0:
        price = Decimal(view.planted.wrong("invoice_line_amount", invoice.key, str(price)))
    return {
        "LineItemID": view.ids.xero("line", invoice.key * LINES_MAX + place),
        "Description": line.product.description,
        "Quantity": line.quantity,
        "UnitAmount": price,
        "ItemCode": line.product.sku,
        "AccountCode": SALES,
        "TaxType": TAX_TYPES[invoice.customer.address.state] if line.tax else "NONE",
        "Tracking": tracked(invoice, view),
        **({"DiscountAmount": line.discount} if line.discount else {}),
    }


def _shipping(invoice: Invoice, view: View) -> list[Raw]:
    if not invoice.shipping:
        return []
    line = {
        "LineItemID": view.ids.xero("line", invoice.key * LINES_MAX + len(PRODUCTS)),
        "Description": "Shipping",
        "Quantity": 1,
        "UnitAmount": invoice.shipping,
        "AccountCode": SHIPPING,
        "TaxType": "NONE",
        "Tracking": tracked(invoice, view),
    }
    return [line]


def _typed_in(customer: Customer, number: str, view: View) -> Raw:
    """An invoice that somebody wrote by hand."""
    day = view.company.now.date() - timedelta(days=TYPED_IN_DAYS_AGO)
    moment = datetime.combine(day, time(18, 30), view.company.now.tzinfo)
    line = {"Description": "Work on site", "Quantity": 1 + customer.key % 4, "UnitAmount": 250, "AccountCode": SALES}
    return {
        **view.head(customer, moment),
        "InvoiceID": view.ids.xero("by hand", customer.key),
        "Type": "ACCREC",
        "InvoiceNumber": number,
        "DueDate": (day + timedelta(days=30)).isoformat(),
        "LineItems": [{**line, "TaxType": "NONE"}],
    }
