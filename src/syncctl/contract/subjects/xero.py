"""Xero before the contract suite. No network."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.xero import Xero
from syncctl.contract.subject import Kind, Subject
from syncctl.sandbox.xero import XeroSandbox
from syncctl.sandbox.xero.limits import Allowance
from syncctl.sandbox.xero.shapes import IDENTITY

UNLIMITED: Final = Allowance(per_minute=10**9, per_day=10**9)
CUSTOMER: Final = "11111111-1111-4111-8111-111111111111"
NOBODY: Final = "22222222-2222-4222-8222-222222222222"
INVOICE: Final = "33333333-3333-4333-8333-333333333333"
CREDIT: Final = "44444444-4444-4444-8444-444444444444"
CLEARING: Final = "55555555-5555-4555-8555-555555555555"
CREDITS: Final = tuple(f"66666666-6666-4666-8666-{number:012d}" for number in range(20))
"""More credit notes than allocations that are tried one after the other: each gives the invoice something once."""
ITEM: Final = "SEAT"


class Organisation:
    """A Xero organisation, and its bookkeeper."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = XeroSandbox(clock, allowance=UNLIMITED)
        self.token = self.vendor.token
        self.company = self.vendor.tenant
        self.vendor.seed("Contact", {"ContactID": CUSTOMER, "Name": "Who pays"})
        self.vendor.seed("Item", {"Code": ITEM})
        self.vendor.seed("Account", {"AccountID": CLEARING, "Code": "091", "Type": "BANK"})
        approved = {"Status": "AUTHORISED", "Contact": {"ContactID": CUSTOMER}, "LineItems": [_sold(1_000_000)]}
        self.vendor.seed("Invoice", {**_INVOICE, **approved, "InvoiceID": INVOICE})
        for credit in (CREDIT, *CREDITS):
            self.vendor.seed("CreditNote", {**_CREDIT, **approved, "CreditNoteID": credit})

    def make(self, kind: str, number: int) -> str:
        body: dict[str, Any] = {**_LEAST[kind](number)}
        if kind == "Allocation":
            self.vendor.allocate(body["CreditNote.CreditNoteID"], INVOICE, "1")
            return f"{body['CreditNote.CreditNoteID']}.{INVOICE}"
        if "Contact.ContactID" in body:
            body["Contact"] = {"ContactID": body.pop("Contact.ContactID")}
        return str(self.vendor.seed(kind, body)[IDENTITY[kind]])

    def change(self, kind: str, identity: str, number: int) -> None:
        self.vendor.edit(kind, identity, Reference=f"looked at {number}")

    def delete(self, kind: str, identity: str) -> None:
        self.vendor.edit(kind, identity, Status="DELETED")


def _sold(amount: int) -> dict[str, Any]:
    return {"Description": "seats", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}


_INVOICE: Final = {"Type": "ACCREC", "Date": "2026-11-20", "DueDate": "2026-12-20"}
_CREDIT: Final = {"Type": "ACCRECCREDIT", "Date": "2026-11-20"}


def _document(kind: str, number: int) -> dict[str, Any]:
    head = _INVOICE if kind == "Invoice" else _CREDIT
    return {
        **head,
        "Contact.ContactID": CUSTOMER,
        "LineItems": [_sold(100)],
        "Reference": f"document {number}",
    }


_LEAST: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "Invoice": lambda number: _document("Invoice", number),
    "CreditNote": lambda number: _document("CreditNote", number),
    "Contact": lambda number: {"Name": f"Customer {number}"},
    "Item": lambda number: {"Code": f"ITEM-{number}"},
    "Allocation": lambda number: {
        "CreditNote.CreditNoteID": CREDITS[number % len(CREDITS)],
        "Invoice.InvoiceID": INVOICE,
        "Amount": 1,
        "Date": "2026-11-20",
    },
    "Payment": lambda number: {
        "Invoice.InvoiceID": INVOICE,
        "Account.AccountID": CLEARING,
        "Amount": 1,
        "Reference": f"payment {number}",
    },
}
"""What a create of each kind says at least."""

_LINES: Final[list[dict[str, Any]]] = [
    {
        "Description": "Ärger & Söhne",
        "Quantity": 2,
        "UnitAmount": Decimal("125.1234"),
        "LineAmount": Decimal("225.22"),
        "TaxAmount": Decimal("30.01"),
        "TaxType": "OUTPUT2",
        "AccountCode": "260",
        "ItemCode": ITEM,
        "DiscountRate": 10,
        "Tracking": [{"Name": "Region", "Option": "South"}, {"Name": "Project", "Option": "P-1"}],
    },
    {**_sold(100), "DiscountAmount": 5},
]
_VALUES: Final[dict[str, dict[str, Any]]] = {
    **{kind: {"Contact": CUSTOMER, "LineItems": _LINES, "Status": "AUTHORISED"} for kind in ("Invoice", "CreditNote")},
    "Contact": {
        "EmailAddress": "ada@example.com",
        "Addresses": [
            {
                "AddressType": "POBOX",
                **{f"AddressLine{number}": f"line {number}" for number in range(1, 5)},
                "City": "Köln",
                "Region": "NRW",
                "PostalCode": "50667",
                "Country": "DE",
                "AttentionTo": "Ada",
            }
        ],
        "Phones": [
            {"PhoneType": "MOBILE", "PhoneNumber": "12345", "PhoneAreaCode": "221", "PhoneCountryCode": "49"},
        ],
        "ContactPersons": [
            {"FirstName": "Ada", "LastName": "King", "EmailAddress": "ada@example.com", "IncludeInEmails": True},
        ],
        "PaymentTerms.Sales.Day": 30,
    },
    "Allocation": {"Invoice": INVOICE, "CreditNote": CREDIT},
    "Payment": {"Invoice": INVOICE, "CreditNote": CREDIT, "Account": CLEARING},
}
_TERMS: Final = {"PaymentTerms.Sales.Day": 20, "PaymentTerms.Sales.Type": "OFCURRENTMONTH"}
_ALONGSIDE: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "Contact": dict.fromkeys(_TERMS, _TERMS),
    "Payment": {"CreditNote": {"Invoice.InvoiceID": None}},
}
"""Terms are a day and its type; a payment pays either an invoice or a credit note."""


def _kind(name: str, **words: Any) -> Kind:
    values, alongside = _VALUES.get(name, {}), _ALONGSIDE.get(name, {})
    return Kind(name, row_id=IDENTITY.get(name, "ID"), least=_LEAST[name], values=values, alongside=alongside, **words)


SUBJECT: Final = Subject(
    name="xero",
    connect=Xero,
    pretend=Organisation,
    kinds=(
        _kind("Invoice", many=230, text="Reference", refused={"Contact.ContactID": NOBODY}),
        *(_kind(name) for name in _LEAST if name != "Invoice"),
    ),
    other_company="46fcb6f0-2773-40c4-a119-8aa08bca1e8e",
    options={"page_rows": "100"},
)
