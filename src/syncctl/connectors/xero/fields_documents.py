"""The fields of invoices, credit notes, payments, bank transactions and manual journals. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from syncctl.connectors.xero.fields_shared import (
    ALWAYS,
    CREATE,
    CURRENCY,
    EDITABLE,
    HOME,
    NEVER,
    UNAPPROVED,
    UPDATED,
    date,
    enum,
    flag,
    given,
    identity,
    instant,
    many,
    money,
    number,
    read_only,
    ref,
    text,
)
from syncctl.fields.schema import Field

DESCRIPTION_LENGTH: Final = 4000
"""Of a line (Xero's page on invoices)."""
STATUSES: Final = "DRAFT|SUBMITTED|AUTHORISED|PAID|VOIDED|DELETED"
_TAXES: Final = "Exclusive|Inclusive|NoTax"
_FROM_LINES: Final = "Xero works it out: tax is rounded line by line"
_RATE: Final = "units of the foreign currency for one of the base currency: the other way round than QuickBooks"
_ITEM: Final = "the item is written by its code, in ItemCode"


def lines(writable: str) -> tuple[Field, ...]:
    """The lines of a document. One that is sent without its LineItemID is a new one."""
    return (
        many("LineItems", writable),
        identity("LineItems.LineItemID"),
        text("LineItems.Description", writable, length=DESCRIPTION_LENGTH),
        number("LineItems.Quantity", writable),
        money("LineItems.UnitAmount", writable),
        money("LineItems.LineAmount", writable),
        money("LineItems.TaxAmount", writable),
        text("LineItems.TaxType", writable),
        text("LineItems.AccountCode", writable),
        text("LineItems.ItemCode", writable),
        given(Field("LineItems.Item.ItemID", "ref", target="Item"), _ITEM),
        number("LineItems.DiscountRate", writable),
        money("LineItems.DiscountAmount", writable),
        many("LineItems.Tracking", writable),
        text("LineItems.Tracking.Name", writable),
        text("LineItems.Tracking.Option", writable),
        given(text("LineItems.Tracking.TrackingCategoryID")),
        given(text("LineItems.Tracking.TrackingOptionID")),
    )


def _number(path: str, bought: str) -> Field:
    """Xero wants a number of its own for what is sold. What is bought has its supplier's number: we make no second
    document of one supplier with it.
    """
    note = f"{bought}: suppliers may share a number"
    return replace(text(path, EDITABLE), unique=True, unique_among=(f"Type={bought}", "Contact.ContactID"), note=note)


def _document(number_path: str, types: str, credit: bool) -> tuple[Field, ...]:
    return (
        enum("Type", types, CREATE, required=True),
        ref("Contact", "Contact", "ContactID", EDITABLE, required=True),
        given(text("Contact.Name")),
        _number(number_path, "ACCPAYCREDIT" if credit else "ACCPAY"),
        replace(text("Reference", EDITABLE), note="sales only; a place for an id of another system"),
        date("Date", EDITABLE),
        date("DueDate", EDITABLE),
        enum("Status", STATUSES, UNAPPROVED),
        enum("LineAmountTypes", _TAXES, EDITABLE),
        Field(CURRENCY, "currency", writable=CREATE),
        replace(number("CurrencyRate", EDITABLE), note=_RATE),
        text("BrandingThemeID", EDITABLE),
        *(given(money(path), _FROM_LINES) for path in ("SubTotal", "TotalTax", "Total")),
        date("FullyPaidOnDate", NEVER),
        given(flag("HasAttachments")),
        given(flag("SentToContact")),
        many("Payments"),
        given(Field("Payments.PaymentID", "ref", target="Payment")),
        given(money("Payments.Amount")),
        given(date("Payments.Date")),
        UPDATED,
        *lines(EDITABLE),
    )


INVOICE: Final = (
    identity("InvoiceID"),
    *_document("InvoiceNumber", "ACCREC|ACCPAY", credit=False),
    text("Url", EDITABLE),
    date("ExpectedPaymentDate", EDITABLE),
    date("PlannedPaymentDate", EDITABLE),
    given(money("AmountDue"), "the total less what was paid and credited"),
    given(money("AmountPaid")),
    given(money("AmountCredited")),
    given(money("TotalDiscount")),
    many("CreditNotes"),
    given(Field("CreditNotes.CreditNoteID", "ref", target="CreditNote")),
    given(money("CreditNotes.AppliedAmount")),
)
CREDIT_NOTE: Final = (
    identity("CreditNoteID"),
    *_document("CreditNoteNumber", "ACCRECCREDIT|ACCPAYCREDIT", credit=True),
    given(money("RemainingCredit")),
    given(money("AppliedAmount")),
    many("Allocations"),
    given(Field("Allocations.Invoice.InvoiceID", "ref", target="Invoice")),
    given(money("Allocations.Amount")),
    given(date("Allocations.Date")),
)

_CREDITED: Final = "CreditNote.CurrencyCode"
ALLOCATION: Final = (
    replace(identity("ID"), note="the ids of credit note and invoice: Xero lists allocations without one of their own"),
    ref("CreditNote", "CreditNote", "CreditNoteID", CREATE, required=True),
    given(text("CreditNote.CreditNoteNumber")),
    given(enum("CreditNote.Type", "ACCRECCREDIT|ACCPAYCREDIT")),
    given(Field(_CREDITED, "currency")),
    ref("Invoice", "Invoice", "InvoiceID", CREATE, required=True),
    given(text("Invoice.InvoiceNumber")),
    Field("Amount", "money", currency=_CREDITED, writable=CREATE, required=True),
    replace(date("Date", CREATE), required=True),
    UPDATED,
)

_PAID: Final = f"Invoice.CurrencyCode|{_CREDITED}"
"""A payment is in the currency of what it pays; it names none itself."""
PAYMENT: Final = (
    identity("PaymentID"),
    ref("Invoice", "Invoice", "InvoiceID", CREATE),
    given(text("Invoice.InvoiceNumber")),
    given(Field("Invoice.CurrencyCode", "currency")),
    ref("CreditNote", "CreditNote", "CreditNoteID", CREATE),
    given(text("CreditNote.CreditNoteNumber")),
    given(Field(_CREDITED, "currency")),
    ref("Account", "Account", "AccountID", CREATE),
    given(text("Account.Code")),
    replace(date("Date", CREATE), required=True),
    Field("Amount", "money", currency=_PAID, writable=CREATE, required=True),
    given(number("BankAmount")),
    replace(number("CurrencyRate", CREATE), note=_RATE),
    text("Reference", CREATE),
    flag("IsReconciled", CREATE),
    given(enum("Status", "AUTHORISED|DELETED"), "a payment is deleted by a void"),
    given(text("PaymentType")),
    given(text("BatchPayment.BatchPaymentID")),
    UPDATED,
)

BANK_TRANSACTION: Final = read_only(
    (
        identity("BankTransactionID"),
        text("Type"),
        enum("Status", "AUTHORISED|DELETED|VOIDED"),
        ref("Contact", "Contact", "ContactID"),
        text("Contact.Name"),
        ref("BankAccount", "Account", "AccountID"),
        text("BankAccount.Code"),
        date("Date"),
        text("Reference"),
        text("Url"),
        flag("IsReconciled"),
        enum("LineAmountTypes", _TAXES),
        Field(CURRENCY, "currency"),
        replace(number("CurrencyRate"), note=_RATE),
        *(money(path) for path in ("SubTotal", "TotalTax", "Total")),
        text("PrepaymentID"),
        text("OverpaymentID"),
        flag("HasAttachments"),
        UPDATED,
        *lines(ALWAYS),
    )
)
MANUAL_JOURNAL: Final = read_only(
    (
        identity("ManualJournalID"),
        text("Narration"),
        date("Date"),
        enum("Status", "DRAFT|POSTED|DELETED|VOIDED|ARCHIVED"),
        enum("LineAmountTypes", _TAXES),
        text("Url"),
        flag("ShowOnCashBasisReports"),
        flag("HasAttachments"),
        UPDATED,
        many("JournalLines"),
        money("JournalLines.LineAmount", currency=HOME),
        money("JournalLines.TaxAmount", currency=HOME),
        text("JournalLines.AccountCode"),
        Field("JournalLines.AccountID", "ref", target="Account"),
        text("JournalLines.Description"),
        text("JournalLines.TaxType"),
        many("JournalLines.Tracking"),
        text("JournalLines.Tracking.Name"),
        text("JournalLines.Tracking.Option"),
        instant("CreatedDateUTC"),
    )
)
