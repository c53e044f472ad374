"""The fields of invoices, credit memos, receipts, payments, deposits and journal entries. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from syncctl.connectors.quickbooks.fields_shared import (
    CREATE,
    CURRENCY,
    HEAD,
    HOME,
    address,
    date,
    enum,
    flag,
    given,
    link,
    money,
    number,
    read_only,
    ref,
    text,
)
from syncctl.fields.schema import Field

MEMO_LENGTH: Final = 1000
"""Of the message on a sales form, from the published schema."""
DETAILS: Final = "SalesItemLineDetail|DiscountLineDetail|DescriptionOnly|GroupLineDetail|SubTotalLineDetail"
LINKS: Final = "Invoice|CreditMemo|JournalEntry|Deposit|Payment|RefundReceipt|SalesReceipt|Estimate|Expense|Check"
_TAXES: Final = "TaxExcluded|TaxInclusive|NotApplicable"
_FROM_LINES: Final = "QuickBooks works it out from the lines and the tax"

_ANY_TRANSACTION: Final = (
    *HEAD,
    date("TxnDate"),
    text("PrivateNote"),
    Field(CURRENCY, "currency.value", writable=CREATE, note="the customer's currency, fixed when it is created"),
    replace(number("ExchangeRate"), note="home currency for one unit of the foreign one"),
    ref("DepartmentRef", "Department"),
    given(money("HomeTotalAmt", currency=HOME)),
)


def _lines(*details: Field) -> tuple[Field, ...]:
    return (
        Field("Line", "object", many=True, writable="always"),
        given(Field("Line.Id", "id")),
        given(number("Line.LineNum")),
        text("Line.Description"),
        replace(money("Line.Amount"), subtracts="DetailType=DiscountLineDetail"),
        *details,
    )


def _linked(target: str, writable: str = "always") -> tuple[Field, ...]:
    return (
        link("Line.LinkedTxn.TxnId", target, writable),
        enum("Line.LinkedTxn.TxnType", LINKS, writable),
        text("Line.LinkedTxn.TxnLineId", writable),
    )


_SOLD: Final = _lines(
    enum("Line.DetailType", DETAILS),
    ref("Line.SalesItemLineDetail.ItemRef", "Item"),
    number("Line.SalesItemLineDetail.Qty"),
    money("Line.SalesItemLineDetail.UnitPrice"),
    date("Line.SalesItemLineDetail.ServiceDate"),
    ref("Line.SalesItemLineDetail.TaxCodeRef", "TaxCode"),
    ref("Line.SalesItemLineDetail.ClassRef", "Class"),
    ref("Line.SalesItemLineDetail.ItemAccountRef", "Account"),
    flag("Line.DiscountLineDetail.PercentBased"),
    number("Line.DiscountLineDetail.DiscountPercent"),
    ref("Line.DiscountLineDetail.DiscountAccountRef", "Account"),
    *read_only(_linked("Invoice")),
)

_SALE: Final = (
    *_ANY_TRANSACTION,
    text("DocNumber"),
    ref("CustomerRef", "Customer"),
    text("CustomerMemo.value", length=MEMO_LENGTH),
    text("BillEmail.Address"),
    text("BillEmailCc.Address"),
    *address("BillAddr"),
    *address("ShipAddr"),
    ref("ClassRef", "Class"),
    ref("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum"),
    money("TxnTaxDetail.TotalTax"),
    ref("TxnTaxDetail.TxnTaxCodeRef", "TaxCode"),
    enum("GlobalTaxCalculation", _TAXES),
    flag("ApplyTaxAfterDiscount"),
    enum("PrintStatus", "NotSet|NeedToPrint|PrintComplete"),
    enum("EmailStatus", "NotSet|NeedToSend|EmailSent"),
    given(money("TotalAmt"), _FROM_LINES),
    given(money("Balance"), "the total less what was paid"),
    given(money("HomeBalance", currency=HOME)),
    given(Field("LinkedTxn", "object", many=True)),
    given(link("LinkedTxn.TxnId", "Payment")),
    given(enum("LinkedTxn.TxnType", LINKS)),
    *_SOLD,
)


def _required(fields: tuple[Field, ...], *paths: str) -> tuple[Field, ...]:
    return tuple(replace(field, required=True) if field.path in paths else field for field in fields)


INVOICE: Final = (
    *_required(_SALE, "CustomerRef"),
    date("DueDate"),
    date("ShipDate"),
    text("TrackingNum"),
    ref("SalesTermRef", "Term"),
    ref("ARAccountRef", "Account"),
    money("Deposit"),
    flag("AllowOnlineCreditCardPayment"),
    flag("AllowOnlineACHPayment"),
)
CREDIT_MEMO: Final = (
    *_required(_SALE, "CustomerRef"),
    ref("SalesTermRef", "Term"),
    ref("ARAccountRef", "Account"),
    given(money("RemainingCredit")),
)
REFUND_RECEIPT: Final = (*_SALE, ref("DepositToAccountRef", "Account", required=True))
SALES_RECEIPT: Final = read_only((*_SALE, ref("DepositToAccountRef", "Account")))

PAYMENT: Final = (
    *_ANY_TRANSACTION,
    ref("CustomerRef", "Customer", required=True),
    money("TotalAmt", required=True),
    given(money("UnappliedAmt")),
    ref("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum"),
    ref("DepositToAccountRef", "Account"),
    ref("ARAccountRef", "Account"),
    given(link("LinkedTxn.TxnId", "Deposit")),
    given(enum("LinkedTxn.TxnType", LINKS)),
    *_lines(*_linked("Invoice")),
)
DEPOSIT: Final = read_only(
    (
        *_ANY_TRANSACTION,
        text("DocNumber"),
        ref("DepositToAccountRef", "Account"),
        money("TotalAmt"),
        money("CashBack.Amount"),
        ref("CashBack.AccountRef", "Account"),
        *_lines(
            *_linked("Payment"),
            enum("Line.DetailType", "DepositLineDetail"),
            ref("Line.DepositLineDetail.AccountRef", "Account"),
            ref("Line.DepositLineDetail.Entity", "Customer"),
            ref("Line.DepositLineDetail.PaymentMethodRef", "PaymentMethod"),
            ref("Line.DepositLineDetail.ClassRef", "Class"),
            text("Line.DepositLineDetail.CheckNum"),
        ),
    )
)
JOURNAL_ENTRY: Final = read_only(
    (
        *_ANY_TRANSACTION,
        text("DocNumber"),
        flag("Adjustment"),
        money("TotalAmt"),
        *_lines(
            enum("Line.DetailType", "JournalEntryLineDetail"),
            enum("Line.JournalEntryLineDetail.PostingType", "Debit|Credit"),
            ref("Line.JournalEntryLineDetail.AccountRef", "Account"),
            ref("Line.JournalEntryLineDetail.ClassRef", "Class"),
            ref("Line.JournalEntryLineDetail.DepartmentRef", "Department"),
            text("Line.JournalEntryLineDetail.Entity.Type"),
            ref("Line.JournalEntryLineDetail.Entity.EntityRef", "Customer"),
        ),
    )
)
