"""Credit notes taken off invoices: by the API, and by a person. No I/O."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.xero.answers import Invalid, Raw, refused, rejected
from syncctl.sandbox.xero.checks import read_body
from syncctl.sandbox.xero.documents import settle
from syncctl.sandbox.xero.moments import written_day
from syncctl.sandbox.xero.store import Books

PLURAL: Final = "Allocations"
_PAIRS: Final = {"ACCRECCREDIT": "ACCREC", "ACCPAYCREDIT": "ACCPAY"}


def write_allocations(books: Books, note: str, elements: list[Any], *, summarize: bool) -> tuple[int, Raw]:
    """(status, body) of a PUT to a credit note's allocations. Raises Refusal for a body that cannot be read."""
    before = books.snapshot()
    results: list[Raw] = []
    bad = False
    for element in elements:
        try:
            results.append({**_allocated(books, note, read_body("Allocation", element)), "StatusAttributeString": "OK"})
        except Invalid as invalid:
            bad = True
            results.append(refused("AllocationID", element, invalid.messages, "HasErrors"))
    if bad and summarize:
        books.restore(before)
        return 400, rejected([one for one in results if one["StatusAttributeString"] == "ERROR"])
    return 200, {PLURAL: results}


def _allocated(books: Books, note: str, sent: Raw) -> Raw:
    invoice = (sent.get("Invoice") or {}).get("InvoiceID", "")
    if books.get("Invoice", invoice) is None:
        raise Invalid("Invoice could not be found")
    day = sent.get("Date")
    if not day:
        raise Invalid("Date must be specified")
    books.check_open(day)
    return allocate(books, note, invoice, sent.get("Amount", Decimal(0)), day)


def allocate(books: Books, credit: str, invoice: str, amount: Decimal, day: date) -> Raw:
    """A credit taken off an invoice, as its answer shows it. Raises Invalid."""
    note, bill = books.get("CreditNote", credit), books.get("Invoice", invoice)
    assert note is not None
    assert bill is not None
    _check(note, bill, amount)
    part = {"Amount": amount, "Date": written_day(day), "Invoice": {**_plain(bill), "LineItems": []}}
    held = {"AllocationID": books.new_id("Allocation"), **part}
    settle(books, "CreditNote", note, amount, day, Allocations=[*note["Allocations"], held])
    applied = {
        "CreditNoteID": note["CreditNoteID"],
        "CreditNoteNumber": note["CreditNoteNumber"],
        "AppliedAmount": amount,
        "Date": part["Date"],
        "Total": note["Total"],
        "LineItems": [],
        "HasErrors": False,
    }
    settle(books, "Invoice", bill, amount, day, credited=True, CreditNotes=[*bill["CreditNotes"], applied])
    # An answer shows the two documents by their ids alone, and no id of its own (Xero's OpenAPI file).
    return {**part, "CreditNote": {"CreditNoteID": note["CreditNoteID"], "LineItems": []}, "ValidationErrors": []}


def _check(note: Raw, bill: Raw, amount: Decimal) -> None:
    messages = []
    if note["Status"] != "AUTHORISED" or bill["Status"] != "AUTHORISED":
        messages.append("Credit notes can only be allocated to authorised documents")
    if _PAIRS[note["Type"]] != bill["Type"] or note["Contact"]["ContactID"] != bill["Contact"]["ContactID"]:
        messages.append("The credit note and the invoice must be of the same contact and side")
    if note["CurrencyCode"] != bill["CurrencyCode"]:
        messages.append("The credit note and the invoice must be in the same currency")
    if amount <= 0:
        messages.append("The amount must be greater than zero")
    elif amount > note["RemainingCredit"] or amount > bill["AmountDue"]:
        messages.append("The amount exceeds the amount outstanding on one of the documents")
    if messages:
        raise Invalid(*messages)


def _plain(bill: Raw) -> Raw:
    """An invoice as an allocation names it."""
    return {"InvoiceID": bill["InvoiceID"], "InvoiceNumber": bill["InvoiceNumber"], "HasErrors": False}


def take_back(books: Books, credit: str, invoice: str) -> None:
    """A person takes everything of a credit note off an invoice again."""
    note, bill = books.get("CreditNote", credit), books.get("Invoice", invoice)
    assert note is not None
    assert bill is not None
    ours = [part for part in note["Allocations"] if part["Invoice"]["InvoiceID"] == invoice]
    amount = sum((part["Amount"] for part in ours), Decimal(0))
    rest = [part for part in note["Allocations"] if part not in ours]
    settle(books, "CreditNote", note, -amount, books.today(), Allocations=rest)
    others = [part for part in bill["CreditNotes"] if part["CreditNoteID"] != credit]
    settle(books, "Invoice", bill, -amount, books.today(), credited=True, CreditNotes=others)
