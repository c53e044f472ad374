"""QuickBooks' view of payments, credit memos and refunds. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.facts import HOME, CreditNote, Method, Payment, Refund
from syncctl.sandbox.ids import marker
from syncctl.sandbox.marked import MONEY_DAYS
from syncctl.sandbox.seed_quickbooks_shared import View, receivable

Raw = dict[str, Any]

CLEARING: Final = "Undeposited Funds"
METHODS: Final[Mapping[Method, str]] = {
    "card": "Credit Card",
    "link": "Credit Card",
    "us_bank_account": "ACH",
    "customer_balance": "Wire",
}


def seed_money(vendor: Vendor, view: View) -> None:
    """Every payment, credit memo and refund that is in the books."""
    planted = view.planted
    amounts = Counter((payment.customer.key, payment.amount) for payment in view.company.payments)
    for payment in view.company.payments:
        if not planted.has("payment_missing", payment.key):
            twin = amounts[payment.customer.key, payment.amount] > 1
            vendor.seed("Payment", _payment(payment, view, twin=twin))
    for note in view.company.credit_notes:
        if not planted.has("credit_memo_missing", note.key):
            vendor.seed("CreditMemo", _credit_memo(note, view))
            vendor.seed("Payment", _credit_applied(note, view))
    for refund in view.company.refunds:
        if not planted.has("refund_missing", refund.key):
            vendor.seed("RefundReceipt", _refund_receipt(refund, view))


def _payment(payment: Payment, view: View, *, twin: bool) -> Raw:
    """`twin`: the customer paid the same amount more than once, so only the marker tells which is which."""
    marked = twin or view.company.days_ago(payment.paid) <= MONEY_DAYS
    applied = () if view.planted.has("payment_unapplied", payment.key) else payment.applied
    body = {
        **view.head(payment.customer, payment.paid),
        "Id": view.ids.quickbooks("payment", payment.key),
        "TotalAmt": payment.amount,
        "PaymentMethodRef": view.lists.ref("PaymentMethod", METHODS[payment.method]),
        "DepositToAccountRef": view.lists.ref("Account", CLEARING),
        "ARAccountRef": view.lists.ref("Account", receivable(payment.customer.currency)),
        "Line": [_link("Invoice", view.ids.quickbooks("invoice", part.invoice.key), part.amount) for part in applied],
    }
    rate = view.company.movement_of(payment).exchange_rate
    if rate != 1:
        body["ExchangeRate"] = rate
    if marked:
        body["PrivateNote"] = marker("charge", view.ids.stripe("ch", payment.key))
    return body


def _link(kind: str, identity: str, amount: Decimal) -> Raw:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}


def _credit_memo(note: CreditNote, view: View) -> Raw:
    detail = {"ItemRef": view.lists.ref("Item", "Credits"), "TaxCodeRef": {"value": "NON"}}
    line = {"Description": note.description, "Amount": note.amount, "DetailType": "SalesItemLineDetail"}
    marked = view.company.days_ago(note.issued) <= MONEY_DAYS
    return {
        **view.head(note.invoice.customer, note.issued),
        **_rate(note),
        "Id": view.ids.quickbooks("credit note", note.key),
        "DocNumber": note.number,
        "CustomerMemo": {"value": note.memo},
        "TxnTaxDetail": {"TotalTax": 0},
        "Line": [{**line, "SalesItemLineDetail": detail}],
        **({"PrivateNote": marker("credit_note", view.ids.stripe("cn", note.key))} if marked else {}),
    }


def _rate(note: CreditNote) -> Raw:
    return {} if note.invoice.currency == HOME else {"ExchangeRate": note.invoice.exchange_rate}


def _credit_applied(note: CreditNote, view: View) -> Raw:
    """A payment of nothing that takes the credit off the invoice: QuickBooks' way to apply a credit memo."""
    return {
        **view.head(note.invoice.customer, note.issued),
        **_rate(note),
        "Id": view.ids.quickbooks("credit applied", note.key),
        "TotalAmt": 0,
        "PrivateNote": marker("credit_note", view.ids.stripe("cn", note.key)),
        "Line": [
            _link("Invoice", view.ids.quickbooks("invoice", note.invoice.key), note.amount),
            _link("CreditMemo", view.ids.quickbooks("credit note", note.key), note.amount),
        ],
    }


def _refund_receipt(refund: Refund, view: View) -> Raw:
    customer = refund.payment.customer
    detail = {"ItemRef": view.lists.ref("Item", "Refunds"), "TaxCodeRef": {"value": "NON"}}
    line = {"Description": refund.reason or "Refund", "Amount": refund.amount, "DetailType": "SalesItemLineDetail"}
    body = {
        **view.head(customer, refund.made),
        "Id": view.ids.quickbooks("refund", refund.key),
        "DepositToAccountRef": view.lists.ref("Account", CLEARING),
        "PrivateNote": marker("refund", view.ids.stripe("re", refund.key)),
        "TxnTaxDetail": {"TotalTax": 0},
        "Line": [{**line, "SalesItemLineDetail": detail}],
    }
    if customer.currency != HOME:
        body["ExchangeRate"] = view.company.movement_of(refund).exchange_rate
    return body
