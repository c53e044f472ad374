"""Invoices, bills and credit notes: numbers, states, what may still be changed. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from syncctl.sandbox.xero.answers import Invalid, Raw
from syncctl.sandbox.xero.contacts import named, usable
from syncctl.sandbox.xero.lines import Pricing, finish_lines, totals
from syncctl.sandbox.xero.moments import written_day
from syncctl.sandbox.xero.shapes import IDENTITY
from syncctl.sandbox.xero.store import Books, stored_day

NUMBER: Final = {"Invoice": "InvoiceNumber", "CreditNote": "CreditNoteNumber"}
_PREFIX: Final = {"Invoice": "INV", "CreditNote": "CN"}
_TITLE: Final = {"Invoice": "Invoice", "CreditNote": "Credit note"}
_AFTER: Final = {
    "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
    "SUBMITTED": {"SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"},
    "AUTHORISED": {"AUTHORISED", "VOIDED"},
}
"""Xero's table of states; everything else is refused."""
_STILL: Final = frozenset({"Reference", "DueDate", "Url", "SentToContact", "ExpectedPaymentDate", "PlannedPaymentDate"})
"""What can be changed on a document that is partly paid."""
_UNSEEN: Final = frozenset({"DueDate", "SentToContact"})
"""What changes on a partly paid document without moving its time of change (Xero's page on requests)."""
_DATES: Final = ("Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate")


@dataclass(frozen=True, slots=True)
class How:
    """How a record is written: a create (PUT) or an upsert; decimals of a unit price; `strict` off: by a person."""

    create: bool
    decimals: int = 2
    strict: bool = True


def write_document(books: Books, kind: str, sent: Raw, how: How) -> Raw:
    """A document created or updated. Raises Invalid."""
    held = _matched(books, kind, sent, how)
    if held is None:
        return _create(books, kind, sent, how)
    return _update(books, kind, held, sent, how)


def _matched(books: Books, kind: str, sent: Raw, how: How) -> Raw | None:
    identity = sent.get(IDENTITY[kind])
    if how.create:
        if identity and how.strict:
            raise Invalid(f"{_TITLE[kind]} not of valid type for creation")
        return None
    if identity:
        held = books.get(kind, identity)
        if held is None:
            raise Invalid(f"{_TITLE[kind]} could not be found")
        return held
    number = sent.get(NUMBER[kind])
    if not number or sent.get("Type") in ("ACCPAY", "ACCPAYCREDIT"):
        return None
    return next((raw for raw in books.where(kind, NUMBER[kind], number) if raw["Type"] == sent.get("Type")), None)


def _create(books: Books, kind: str, sent: Raw, how: How) -> Raw:
    status = sent.get("Status", "DRAFT")
    if status not in _AFTER and how.strict:
        raise Invalid(f"{_TITLE[kind]} not of valid status for creation")
    if not sent.get("Type"):
        raise Invalid("Type must be specified")
    if not sent.get("Contact"):
        raise Invalid("A valid contact must be specified.")
    blank: Raw = {
        IDENTITY[kind]: sent.get(IDENTITY[kind]) or books.new_id(kind),
        "Status": "DRAFT",
        "LineAmountTypes": "Exclusive",
        "Payments": [],
        "SentToContact": False,
        "HasAttachments": False,
        "HasErrors": False,
        **_EMPTY[kind],
    }
    found = _merged(books, kind, blank, {"Date": books.today(), **sent}, how)
    found = _numbered(books, kind, found, how)
    if how.strict:
        _approve(books, "DRAFT", found["Status"])
    side = "IsCustomer" if sent["Type"].startswith("ACCREC") else "IsSupplier"
    contact = books.get("Contact", found["Contact"]["ContactID"])
    if contact is not None and not contact[side]:
        books.put("Contact", {**contact, side: True}, touch=False)
    if found["Status"] in ("VOIDED", "DELETED"):
        found = _ended(kind, found, found["Status"])
    return books.put(kind, found)


_EMPTY: Final[dict[str, Raw]] = {
    "Invoice": {
        "InvoiceNumber": "",
        "Reference": "",
        "Prepayments": [],
        "Overpayments": [],
        "CreditNotes": [],
        "AmountPaid": Decimal(0),
        "AmountCredited": Decimal(0),
        "IsDiscounted": False,
    },
    "CreditNote": {"CreditNoteNumber": "", "Reference": "", "Allocations": [], "AppliedAmount": Decimal(0)},
}


def _update(books: Books, kind: str, held: Raw, sent: Raw, how: How) -> Raw:
    status = sent.get("Status", held["Status"])
    if held["Status"] not in _AFTER:
        raise Invalid(f"{_TITLE[kind]} not of valid status for modification")
    settled = taken(kind, held) != 0
    changed = set(sent) - {IDENTITY[kind], "Type", *(() if status != held["Status"] else ("Status",))}
    if settled and changed - _STILL:
        raise Invalid(
            f"{_TITLE[kind]} not of valid status for modification",
            "This document cannot be edited as it has a payment or credit note allocated to it.",
        )
    if status not in _AFTER[held["Status"]]:
        raise Invalid(f"{_TITLE[kind]} not of valid status for modification")
    books.check_open(stored_day(held, "Date"))
    if status in ("VOIDED", "DELETED"):
        return books.put(kind, _ended(kind, held, status))
    found = _numbered(books, kind, _merged(books, kind, held, sent, how), how)
    _approve(books, held["Status"], status)
    return books.put(kind, found, touch=not (settled and changed <= _UNSEEN))


def _ended(kind: str, held: Raw, status: str) -> Raw:
    """A void keeps its total, and nothing of it is due (recorded)."""
    nothing = ("AmountDue", "AmountPaid", "AmountCredited") if kind == "Invoice" else ("RemainingCredit",)
    return {**held, "Status": status, **dict.fromkeys(nothing, Decimal(0))}


def _approve(books: Books, before: str, status: str) -> None:
    """Takes one from what the organisation's plan lets be approved. Raises Invalid."""
    if status != "AUTHORISED" or before == "AUTHORISED" or books.rules.approvals is None:
        return
    used = sum(raw["Status"] in ("AUTHORISED", "PAID", "VOIDED") for kind in NUMBER for raw in books.all(kind).values())
    if used >= books.rules.approvals:
        raise Invalid("You have reached the limit of invoices you can approve")


def _merged(books: Books, kind: str, base: Raw, sent: Raw, how: How) -> Raw:
    """What was sent over what was there, checked and reckoned."""
    found = {**base, **{name: value for name, value in sent.items() if name not in (*_DATES, "LineItems", "Contact")}}
    found["Type"] = base.get("Type", sent.get("Type"))
    for name in _DATES:
        if isinstance(sent.get(name), date):
            found[name] = written_day(sent[name])
            if name in ("Date", "DueDate"):
                found[f"{name}String"] = f"{sent[name].isoformat()}T00:00:00"
    if sent.get("Contact"):
        found["Contact"] = named(usable(books, sent["Contact"]) if how.strict else _any(books, sent["Contact"]))
    if how.strict:
        books.check_open(stored_day(found, "Date"))
    found["CurrencyCode"] = books.currency(found.get("CurrencyCode", ""))
    found.setdefault("CurrencyRate", Decimal(1))
    approved = found["Status"] == "AUTHORISED"
    sales = found["Type"].startswith("ACCREC")
    if approved and how.strict and kind == "Invoice" and not found.get("DueDate"):
        raise Invalid("DueDate must be specified")
    if not sales:
        found["Reference"] = ""  # what is bought has none: its supplier's reference is its number
    if "LineItems" in sent or "LineItems" not in base:
        pricing = Pricing(found["LineAmountTypes"], how.decimals, approved, sales)
        found["LineItems"] = finish_lines(books, sent.get("LineItems", []), base.get("LineItems", []), pricing)
        if not sales and any("DiscountRate" in line or "DiscountAmount" in line for line in found["LineItems"]):
            raise Invalid("Discounts are only supported on ACCREC invoices")
    return _totalled(kind, found)


def _any(books: Books, sent: Raw) -> Raw:
    found = books.get("Contact", sent["ContactID"])
    if found is None:
        raise Invalid("A valid contact must be specified.")
    return found


def _numbered(books: Books, kind: str, found: Raw, how: How) -> Raw:
    """Sales documents have a number of their own; bills may share theirs. Raises Invalid."""
    name = NUMBER[kind]
    if not found["Type"].startswith("ACCREC"):
        return found
    if not found.get(name):
        return {**found, name: f"{_PREFIX[kind]}-{books.next_number(name):04d}"}
    others = (
        raw
        for raw in books.where(kind, name, found[name])
        if raw[IDENTITY[kind]] != found[IDENTITY[kind]] and raw["Type"] == found["Type"] and raw["Status"] != "DELETED"
    )
    if how.strict and next(others, None) is not None:
        raise Invalid(f"{'Invoice' if kind == 'Invoice' else 'Credit Note'} # must be unique.")
    return found


def _totalled(kind: str, found: Raw) -> Raw:
    sums = totals(found["LineItems"], found["LineAmountTypes"])
    if sums["Total"] < 0:
        raise Invalid("The document total must not be negative; use a credit note")
    found = {**found, **sums}
    left = sums["Total"] - taken(kind, found)
    return {**found, "AmountDue" if kind == "Invoice" else "RemainingCredit": left}


def taken(kind: str, raw: Raw) -> Decimal:
    """What payments and credits already took of a document."""
    if kind == "Invoice":
        return Decimal(raw["AmountPaid"] + raw["AmountCredited"])
    return Decimal(raw["AppliedAmount"])


def settle(books: Books, kind: str, raw: Raw, amount: Decimal, day: date, **changed: object) -> Raw:
    """A payment or credit took this much more (or gave it back): what is left, and whether that is all."""
    if kind == "Invoice":
        credited = "credited" in changed
        name = "AmountCredited" if credited else "AmountPaid"
        found = {**raw, name: raw[name] + amount, "AmountDue": raw["AmountDue"] - amount}
        left = found["AmountDue"]
    else:
        found = {
            **raw,
            "AppliedAmount": raw["AppliedAmount"] + amount,
            "RemainingCredit": raw["RemainingCredit"] - amount,
        }
        left = found["RemainingCredit"]
    found |= {name: value for name, value in changed.items() if name != "credited"}
    if left == 0:
        found |= {"Status": "PAID", "FullyPaidOnDate": written_day(day)}
    else:
        found["Status"] = "AUTHORISED"
        found.pop("FullyPaidOnDate", None)
    return books.put(kind, found)
