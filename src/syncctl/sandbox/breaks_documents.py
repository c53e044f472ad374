"""Breaks in documents and money: invoices, payments, refunds, credit notes. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.breaks_kind import MISSING, Kind, always, modest, money, small
from syncctl.sandbox.facts import HOME, Company, Invoice, Payment

CENT: Final = Decimal("0.01")


def _standing(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in company.invoices if not invoice.void)


def _unpaid(company: Company, *, agreed: bool) -> Iterator[Invoice]:
    """Open, and nothing was paid or credited yet."""
    for invoice in company.invoices:
        if company.untouched(invoice) and (invoice.key in company.deal_of) == agreed:
            yield invoice


def _small_and_agreed(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in _unpaid(company, agreed=True) if small(invoice))


def _unpaid_at_home(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in _unpaid(company, agreed=False) if invoice.currency == HOME)


def _taxed(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in _unpaid_at_home(company) if invoice.tax)


def _with_po_number(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in _standing(company) if invoice.po_number)


def _due_later(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in _standing(company) if invoice.due > invoice.issued)


def _settled_without_deal(company: Company) -> Iterator[Invoice]:
    for invoice in _standing(company):
        if not company.remaining(invoice) and invoice.key not in company.deal_of:
            yield invoice


def _void(company: Company) -> Iterator[Invoice]:
    return (invoice for invoice in company.invoices if invoice.void)


def _simple_payments(company: Company) -> Iterator[Payment]:
    """Exactly one invoice, paid in one go, with no deal that would follow."""
    for payment in company.payments:
        invoice = payment.applied[0].invoice
        whole = len(payment.applied) == 1 and payment.amount == invoice.total
        lone = invoice.key not in company.deal_of and payment.key not in company.refunded_on
        if whole and lone and small(invoice):
            yield payment


def _typed_wrong(_: Company, invoice: Invoice) -> tuple[str, str]:
    """The last two digits in the wrong order, or another last digit where those are the same."""
    right = invoice.po_number
    if right[-1] != right[-2]:
        return right, right[:-2] + right[-1] + right[-2]
    return right, right[:-1] + str((int(right[-1]) + 1) % 10)


def _dearer_line(_: Company, invoice: Invoice) -> tuple[str, str]:
    """The unit price of the first line, and one that is 10 higher."""
    price = invoice.lines[0].unit_price
    return str(price), str(price + 10)


def _due_a_week_later(_: Company, invoice: Invoice) -> tuple[str, str]:
    return invoice.due.date().isoformat(), (invoice.due.date() + timedelta(days=7)).isoformat()


def _a_cent_more_tax(_: Company, invoice: Invoice) -> tuple[str, str]:
    return str(invoice.tax), str(invoice.tax + CENT)


def _part_of_payment(_: Company, payment: Payment) -> tuple[str, str]:
    return money(payment.amount, payment.customer.currency), "unapplied"


DOCUMENT_KINDS: Final[tuple[Kind[Any], ...]] = (
    Kind(
        "invoice_missing",
        4,
        "corrected",
        (
            ("invoices", "create"),
            ("deals", "QuickBooks invoice number"),
            ("deals", "dealstage"),
            ("deals", "Open balance"),
        ),
        _small_and_agreed,
        MISSING,
        "Invoice {fact.number} of {customer.name} is missing in {books}, so its {crm} deal has no number yet.",
    ),
    Kind(
        "invoice_line_amount",
        3,
        "corrected",
        (
            ("invoices", "Line.Amount"),
            ("invoices", "Line.SalesItemLineDetail.UnitPrice"),
            ("invoices", "TotalAmt"),
        ),
        lambda company: _unpaid(company, agreed=False),
        _dearer_line,
        "Invoice {fact.number} of {customer.name}: the first line costs {right} each, in {books} {wrong}.",
    ),
    Kind(
        "invoice_unlinked",
        2,
        "corrected",
        (("invoices", "metadata.quickbooks_id"),),
        _settled_without_deal,
        always("linked", "not linked"),
        "Invoice {fact.number} of {customer.name} is in both systems, but Stripe does not know the {books} id.",
    ),
    Kind(
        "invoice_tie",
        1,
        "person",
        (("invoices", "tie"),),
        _unpaid_at_home,
        always("one", "two"),
        "Invoice {fact.number} of {customer.name} is in {books} twice; which one is it?",
    ),
    Kind(
        "invoice_voided",
        2,
        "person",
        (("invoices", "missing"),),
        _void,
        always("void", "open"),
        "Invoice {fact.number} of {customer.name} was voided in Stripe and is still open in {books}.",
    ),
    Kind(
        "po_number_typo",
        3,
        "corrected",
        (("invoices", "PO Number"),),
        _with_po_number,
        _typed_wrong,
        "Invoice {fact.number} of {customer.name}: the PO number is {right}, {books} has {wrong}.",
        only="quickbooks",  # Xero has no custom field for it
    ),
    Kind(
        "due_date_differs",
        2,
        "corrected",
        (("invoices", "DueDate"),),
        _due_later,
        _due_a_week_later,
        "Invoice {fact.number} of {customer.name} is due on {right}, in {books} on {wrong}.",
        edits_invoice=True,
    ),
    Kind(
        "rounding_cent",
        2,
        "explained",
        (("invoices", "TxnTaxDetail.TotalTax"), ("invoices", "TotalAmt")),
        _taxed,
        _a_cent_more_tax,
        "Invoice {fact.number} of {customer.name}: {books} rounds the tax to {wrong} instead of {right}.",
    ),
    Kind(
        "payment_missing",
        3,
        "corrected",
        (("payments", "create"),),
        _simple_payments,
        MISSING,
        "The payment of invoice {fact.applied[0].invoice.number} by {customer.name} is missing in {books}.",
    ),
    Kind(
        "payment_unapplied",
        2,
        "corrected",
        (("payments", "Line"),),
        _simple_payments,
        _part_of_payment,
        "{customer.name} paid {right} for invoice {fact.applied[0].invoice.number}; in {books} it is {wrong}.",
        only="quickbooks",  # a payment in Xero is always one of an invoice
    ),
    Kind(
        "refund_missing",
        2,
        "corrected",
        (("refunds", "create"),),
        lambda company: (refund for refund in company.refunds if small(refund.payment.applied[0].invoice)),
        lambda _company, refund: (money(refund.amount, refund.payment.customer.currency), "missing"),
        "The refund of {right} to {customer.name} is missing in {books}.",
    ),
    Kind(
        "credit_memo_missing",
        2,
        "corrected",
        (("credit_memos", "create"),),
        lambda company: (note for note in company.credit_notes if modest(note.amount, note.invoice)),
        lambda _company, note: (money(note.amount, note.invoice.currency), "missing"),
        "Credit note {fact.number} over {right} for {customer.name} is missing in {books}.",
    ),
)
