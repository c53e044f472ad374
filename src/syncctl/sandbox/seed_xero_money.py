"""Xero's view of payments, credit notes and refunds. No I/O.

Stripe's one charge may pay several invoices; in Xero that is a payment for each. What was paid too much is an
overpayment, which the company books at the bank and not here. A refund is a credit note and a payment of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from syncctl.sandbox.facts import HOME, CreditNote, Payment, Refund
from syncctl.sandbox.ids import marker
from syncctl.sandbox.marked import MONEY_DAYS
from syncctl.sandbox.seed_xero_shared import CLEARING, CREDITS, REFUNDS, View, rate

if TYPE_CHECKING:
    from syncctl.sandbox.xero import XeroSandbox

Raw = dict[str, Any]

PARTS_MAX: Final = 10
"""More invoices than one payment ever pays."""


def seed_money(vendor: XeroSandbox, view: View) -> None:
    """Every payment, credit note and refund that is in the books."""
    planted = view.planted
    for payment in view.company.payments:
        if not planted.has("payment_missing", payment.key):
            for body in _payments(payment, view):
                vendor.seed("Payment", body)
    for note in view.company.credit_notes:
        if not planted.has("credit_memo_missing", note.key):
            vendor.seed("CreditNote", _credit_note(note, view))
            credit, invoice = view.ids.xero("credit note", note.key), view.ids.xero("invoice", note.invoice.key)
            vendor.allocate(credit, invoice, str(note.amount))
    for refund in view.company.refunds:
        if not planted.has("refund_missing", refund.key):
            vendor.seed("CreditNote", _refund_note(refund, view))
            vendor.seed("Payment", _refund_payment(refund, view))


def _payments(payment: Payment, view: View) -> Iterator[Raw]:
    """One for each invoice that the money went to."""
    currency = payment.customer.currency
    rated = {} if currency == HOME else {"CurrencyRate": rate(view.company.movement_of(payment).exchange_rate)}
    recent = view.company.days_ago(payment.paid) <= MONEY_DAYS
    for place, part in enumerate(payment.applied):
        marked = recent or len(view.company.payments_of[part.invoice.key]) > 1
        yield {
            **rated,
            "PaymentID": view.ids.xero("payment", payment.key * PARTS_MAX + place),
            "Invoice": {"InvoiceID": view.ids.xero("invoice", part.invoice.key)},
            "Account": {"Code": CLEARING},
            "Date": payment.paid.date().isoformat(),
            "Amount": part.amount,
            "Reference": marker("invoice_payment", view.ids.stripe("inpay", payment.key, place)) if marked else "",
        }


def _credit_note(note: CreditNote, view: View) -> Raw:
    marked = view.company.days_ago(note.issued) <= MONEY_DAYS
    line = {"Description": note.description, "Quantity": 1, "UnitAmount": note.amount, "AccountCode": CREDITS}
    return {
        **view.head(note.invoice.customer, note.issued),
        "CreditNoteID": view.ids.xero("credit note", note.key),
        "Type": "ACCRECCREDIT",
        "CreditNoteNumber": note.number,
        "Reference": marker("credit_note", view.ids.stripe("cn", note.key)) if marked else "",
        "LineItems": [{**line, "TaxType": "NONE"}],
    }


def _refund_note(refund: Refund, view: View) -> Raw:
    identity = view.ids.stripe("re", refund.key)
    line = {"Description": refund.reason or "Refund", "Quantity": 1, "UnitAmount": refund.amount}
    return {
        **view.head(refund.payment.customer, refund.made),
        "CreditNoteID": view.ids.xero("refund", refund.key),
        "Type": "ACCRECCREDIT",
        "CreditNoteNumber": f"Refund {identity}",
        "Reference": marker("refund", identity),
        "LineItems": [{**line, "AccountCode": REFUNDS, "TaxType": "NONE"}],
    }


def _refund_payment(refund: Refund, view: View) -> Raw:
    return {
        "PaymentID": view.ids.xero("refund payment", refund.key),
        "CreditNote": {"CreditNoteID": view.ids.xero("refund", refund.key)},
        "Account": {"Code": CLEARING},
        "Date": refund.made.date().isoformat(),
        "Amount": refund.amount,
        "Reference": marker("refund", view.ids.stripe("re", refund.key)),
    }
