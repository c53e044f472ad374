"""Payments: what they pay, what is still due, deleting them. No I/O."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from syncctl.sandbox.xero.answers import Invalid, Raw
from syncctl.sandbox.xero.documents import How, settle
from syncctl.sandbox.xero.moments import written_day
from syncctl.sandbox.xero.shapes import IDENTITY
from syncctl.sandbox.xero.store import Books, stored_day

_TYPES: Final = {
    "ACCREC": "ACCRECPAYMENT",
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
}
_NUMBERS: Final = {"Invoice": "InvoiceNumber", "CreditNote": "CreditNoteNumber"}
_LEFT: Final = {"Invoice": "AmountDue", "CreditNote": "RemainingCredit"}


def write_payment(books: Books, sent: Raw, how: How) -> Raw:
    """A payment created. Raises Invalid."""
    if sent.get("PaymentID") and how.strict:
        raise Invalid("Payment not of valid status for modification")
    kind, document = _paid(books, sent)
    amount = sent.get("Amount", Decimal(0))
    messages = []
    if document["Status"] != "AUTHORISED":
        messages.append("Payments can only be made against authorised documents")
    if amount <= 0:
        messages.append("Payment amount must be greater than zero")
    elif amount > document[_LEFT[kind]]:
        messages.append("Payment amount exceeds the amount outstanding on this document")
    if messages:
        raise Invalid(*messages)
    account = _account(books, sent)
    day = sent.get("Date") or books.today()
    if how.strict:
        books.check_open(day)
    identity = sent.get("PaymentID") or books.new_id("Payment")
    found: Raw = {
        "PaymentID": identity,
        "Date": written_day(day),
        "BankAmount": amount,
        "Amount": amount,
        "Reference": sent.get("Reference", ""),
        "CurrencyRate": sent.get("CurrencyRate", Decimal(1)),
        "PaymentType": _TYPES[document["Type"]],
        "Status": "AUTHORISED",
        "HasAccount": True,
        "IsReconciled": sent.get("IsReconciled", False),
        "Account": {name: account[name] for name in ("AccountID", "Code", "Name")},
        "Invoice": _as_paid(kind, document),
        "HasValidationErrors": False,
    }
    stored = books.put("Payment", found)
    part = {"PaymentID": identity, "Date": found["Date"], "Amount": amount, "Reference": found["Reference"],
            "CurrencyRate": found["CurrencyRate"], "HasAccount": False, "HasValidationErrors": False}  # fmt: skip
    settle(books, kind, document, amount, day, Payments=[*document["Payments"], part])
    return stored


def _paid(books: Books, sent: Raw) -> tuple[str, Raw]:
    """The document that a payment pays. Raises Invalid."""
    for kind, number in _NUMBERS.items():
        named = sent.get(kind) or {}
        found = books.get(kind, named.get(IDENTITY[kind], ""))
        told = named.get(number) or sent.get(number)
        if found is None and told:
            found = next(books.where(kind, number, told), None)
        if found is not None:
            return kind, found
        if named or sent.get(number):
            raise Invalid(f"{kind} could not be found")
    raise Invalid("Payment must be against a document")


def _account(books: Books, sent: Raw) -> Raw:
    named = sent.get("Account") or {}
    code = named.get("Code") or sent.get("Code")
    found = books.get("Account", named.get("AccountID", ""))
    if found is None and code:
        found = next(books.where("Account", "Code", code), None)
    if found is None:
        raise Invalid("Account could not be found")
    if found["Status"] != "ACTIVE" or not (found["Type"] == "BANK" or found["EnablePaymentsToAccount"]):
        raise Invalid(f"Account code '{found['Code']}' is not a valid account for payments")
    return found


def _as_paid(kind: str, document: Raw) -> Raw:
    """A document as a payment shows it: a credit note, too, as an invoice (an example in Xero's OpenAPI file)."""
    return {
        "InvoiceID": document[IDENTITY[kind]],
        "InvoiceNumber": document[_NUMBERS[kind]],
        "Type": document["Type"],
        "CurrencyCode": document["CurrencyCode"],
        "Contact": {"ContactID": document["Contact"]["ContactID"], "Name": document["Contact"]["Name"]},
        "HasErrors": False,
        "IsDiscounted": False,
    }


def delete_payment(books: Books, identity: str) -> Raw:
    """A payment taken back: its document is due again. Raises Invalid."""
    held = books.get("Payment", identity)
    if held is None or held["Status"] == "DELETED":
        raise Invalid("Payment not of valid status for modification")
    day = stored_day(held, "Date")
    books.check_open(day)
    if held["IsReconciled"]:
        raise Invalid("Payment not of valid status for modification", "The payment is reconciled")
    kind = "CreditNote" if held["Invoice"]["Type"].endswith("CREDIT") else "Invoice"
    document = books.get(kind, held["Invoice"]["InvoiceID"])
    assert document is not None
    rest = [part for part in document["Payments"] if part["PaymentID"] != held["PaymentID"]]
    settle(books, kind, document, -held["Amount"], day, Payments=rest)
    return books.put("Payment", {**held, "Status": "DELETED"})
