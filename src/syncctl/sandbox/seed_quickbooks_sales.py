"""QuickBooks' view of invoices. No I/O."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.facts import HOME, Customer, Invoice, Line
from syncctl.sandbox.marked import invoice_marker
from syncctl.sandbox.seed_quickbooks_shared import View, custom_field, receivable

Raw = dict[str, Any]

TYPED_IN_DAYS_AGO: Final = 20


def seed_sales(vendor: Vendor, view: View) -> None:
    """Every invoice that is in the books, and those that are nowhere else."""
    for invoice in view.company.invoices:
        if not view.planted.booked(invoice):
            continue
        body = _invoice(invoice, view)
        vendor.seed("Invoice", body)
        if view.planted.has("invoice_tie", invoice.key):
            vendor.seed("Invoice", {**body, "Id": view.ids.quickbooks("second copy", invoice.key)})
    for customer in view.company.customers:
        planted = view.planted.get("orphan_invoice", customer.key)
        if planted is not None:
            vendor.seed("Invoice", _typed_in(customer, planted.wrong, view))


def _invoice(invoice: Invoice, view: View) -> Raw:
    planted, lists = view.planted, view.lists
    voided = invoice.void and not planted.has("invoice_voided", invoice.key)
    body = {
        **view.head(invoice.customer, invoice.issued),
        "Id": view.ids.quickbooks("invoice", invoice.key),
        "DocNumber": invoice.number,
        "DueDate": planted.wrong("due_date_differs", invoice.key, invoice.due.date().isoformat()),
        "BillEmail": {"Address": invoice.customer.person.email},
        "ARAccountRef": lists.ref("Account", receivable(invoice.currency)),
        "SalesTermRef": lists.ref("Term", invoice.terms),
        "CustomField": _custom_fields(invoice, view),
        "TxnTaxDetail": {"TotalTax": planted.wrong("rounding_cent", invoice.key, str(invoice.tax))},
        "Line": [*_sold(invoice, view), *_shipping(invoice, view), *_discount(invoice, view)],
    }
    if invoice.currency != HOME:
        body["ExchangeRate"] = invoice.exchange_rate
    note = invoice_marker(invoice, view.company, view.planted, view.ids)
    if voided:
        return {**body, **_voided(body, note)}
    return {**body, "PrivateNote": note} if note else body


def _voided(body: Raw, note: str) -> Raw:
    """What voiding leaves of an invoice: the word in its note, nothing in its amounts."""
    lines = []
    for line in body["Line"]:
        emptied = {**line, "Amount": 0}
        if "SalesItemLineDetail" in line:
            detail = line["SalesItemLineDetail"]
            emptied["SalesItemLineDetail"] = {key: detail[key] for key in detail if key not in ("Qty", "UnitPrice")}
        lines.append(emptied)
    return {
        "PrivateNote": f"Voided - {note}" if note else "Voided",
        "TxnTaxDetail": {"TotalTax": 0},
        "Line": lines,
        "SyncToken": "1",
    }


def _custom_fields(invoice: Invoice, view: View) -> list[Raw]:
    deal = view.company.deal_of.get(invoice.key)
    project = view.planted.wrong("project_id_missing", deal.key, deal.project_id) if deal else ""
    po_number = view.planted.wrong("po_number_typo", invoice.key, invoice.po_number)
    values = {"Project ID": project, "PO Number": po_number}
    return [custom_field(name, value) for name, value in values.items() if value]


def _sold(invoice: Invoice, view: View) -> list[Raw]:
    return [_line(invoice, place, line, view) for place, line in enumerate(invoice.lines)]


def _line(invoice: Invoice, place: int, line: Line, view: View) -> Raw:
    price = line.unit_price
    if place == 0:
        price = Decimal(view.planted.wrong("invoice_line_amount", invoice.key, str(price)))
    return {
        "Description": line.product.description,
        "Amount": price * line.quantity,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": view.lists.ref("Item", line.product.name),
            "Qty": line.quantity,
            "UnitPrice": price,
            "ServiceDate": line.service_from.date().isoformat(),
            "TaxCodeRef": {"value": "TAX" if line.tax else "NON"},
        },
    }


def _shipping(invoice: Invoice, view: View) -> list[Raw]:
    if not invoice.shipping:
        return []
    detail = {"ItemRef": view.lists.ref("Item", "Shipping"), "TaxCodeRef": {"value": "NON"}}
    line = {"Description": "Shipping", "Amount": invoice.shipping, "DetailType": "SalesItemLineDetail"}
    return [{**line, "SalesItemLineDetail": detail}]


def _discount(invoice: Invoice, view: View) -> list[Raw]:
    if not invoice.discount:
        return []
    detail = {"PercentBased": False, "DiscountAccountRef": view.lists.ref("Account", "Discounts given")}
    return [{"Amount": invoice.discount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}]


def _typed_in(customer: Customer, number: str, view: View) -> Raw:
    """An invoice that somebody wrote by hand."""
    day = view.company.now.date() - timedelta(days=TYPED_IN_DAYS_AGO)
    hours = 1 + customer.key % 4
    detail = {"ItemRef": view.lists.ref("Item", "Services"), "Qty": hours, "UnitPrice": 250}
    line = {"Description": "Work on site", "Amount": 250 * hours, "DetailType": "SalesItemLineDetail"}
    return {
        **view.head(customer, datetime.combine(day, time(18, 30), view.company.now.tzinfo)),
        "Id": view.ids.quickbooks("by hand", customer.key),
        "DocNumber": number,
        "ARAccountRef": view.lists.ref("Account", receivable(customer.currency)),
        "Line": [{**line, "SalesItemLineDetail": detail}],
    }
