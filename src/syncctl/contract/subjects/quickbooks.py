"""QuickBooks before the contract suite. No network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.quickbooks import QuickBooks
from syncctl.contract.subject import Kind, Subject
from syncctl.sandbox.quickbooks import QuickBooksSandbox

CUSTOMER, DEPARTMENT, CLASS, INVOICE = "999", "998", "997", "996"
FIRST_ID: Final = 1000
"""Of a record: lines count from 1, so that no line has the id of a record."""


class Books:
    """A QuickBooks company, and its bookkeeper."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = QuickBooksSandbox(clock, seed=FIRST_ID, limits=False, multicurrency=True)
        self.token = self.vendor.token
        self.company = self.vendor.realm
        self.vendor.seed("Customer", {"Id": CUSTOMER, "DisplayName": "Who pays"})
        self.vendor.seed("Invoice", {**_document(0), "Id": INVOICE})
        self.vendor.seed("Department", {"Id": DEPARTMENT, "Name": "North"})
        self.vendor.seed("Class", {"Id": CLASS, "Name": "Retail"})

    def make(self, kind: str, number: int) -> str:
        return str(self.vendor.seed(kind, {**_LEAST[kind](number)})["Id"])

    def change(self, kind: str, identity: str, number: int) -> None:
        books = self.vendor.books
        books.touch(kind, books.all(kind)[identity], PrivateNote=f"looked at {number}")

    def delete(self, kind: str, identity: str) -> None:
        self.vendor.books.remove(kind, identity)


def sold(amount: int) -> dict[str, Any]:
    """A line that sells the first item."""
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
    }


def _document(number: int) -> dict[str, Any]:
    return {"CustomerRef": {"value": CUSTOMER}, "Line": [sold(100)], "PrivateNote": f"document {number}"}


_LEAST: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "Invoice": _document,
    "CreditMemo": _document,
    "RefundReceipt": lambda number: {**_document(number), "DepositToAccountRef": {"value": "1"}},
    "Payment": lambda number: {
        "CustomerRef": {"value": CUSTOMER},
        "TotalAmt": 100,
        "PrivateNote": f"payment {number}",
    },
    "Customer": lambda number: {"DisplayName": f"Customer {number}"},
    "Item": lambda number: {"Name": f"Item {number}", "Type": "Service", "IncomeAccountRef": {"value": "5"}},
}
"""What a create of each kind says at least."""

_TERM, _METHOD, _TYPE, _TAX, _ACCOUNT = ({"value": one} for one in ("3", "1", "2", "TAX", "4"))
_REFERENCES: Final[dict[str, Any]] = {
    "DefaultTaxCodeRef": {"value": "3"},
    "SalesTermRef": _TERM,
    "PaymentMethodRef": _METHOD,
    "CustomerTypeRef": _TYPE,
    "IncomeAccountRef": _ACCOUNT,
    "ExpenseAccountRef": {"value": "7"},
    "AssetAccountRef": {"value": "2"},
    "SalesTaxCodeRef": _TAX,
    "DepartmentRef": {"value": DEPARTMENT},
    "ClassRef": {"value": CLASS},
    "CustomerRef": {"value": CUSTOMER},
    "ARAccountRef": {"value": "3"},
    "DepositToAccountRef": {"value": "2"},
    "TxnTaxDetail.TxnTaxCodeRef": _TAX,
}
_LINES: Final[list[dict[str, Any]]] = [
    {
        **sold(250),
        "Description": "Ärger & Söhne",
        "SalesItemLineDetail": {
            "ItemRef": {"value": "2"},
            "Qty": 2,
            "UnitPrice": 125,
            "ServiceDate": "2026-11-30",
            "TaxCodeRef": {"value": "TAX"},
            "ClassRef": {"value": CLASS},
            "ItemAccountRef": {"value": "4"},
        },
    },
    {
        "Amount": 25,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10, "DiscountAccountRef": {"value": "6"}},
    },
]
_VALUES: Final[dict[str, dict[str, Any]]] = {
    **{kind: {"Line": _LINES} for kind in ("Invoice", "CreditMemo", "RefundReceipt")},
    "Payment": {
        "Line": [{"Amount": 40, "Description": "part", "LinkedTxn": [{"TxnId": INVOICE, "TxnType": "Invoice"}]}]
    },
    "Customer": {"ParentRef": {"value": CUSTOMER}},
    "Item": {"ParentRef": {"value": "1"}},
}

_LEFT_OUT: Final = {
    "Payment": {"Line.LinkedTxn.TxnLineId": "names the line of a deposit or journal entry; an invoice is paid whole"}
}


def _kind(name: str, **words: Any) -> Kind:
    values = {**_REFERENCES, **_VALUES.get(name, {})}
    return Kind(name, row_id="Id", least=_LEAST[name], values=values, left_out=_LEFT_OUT.get(name, {}), **words)


SUBJECT: Final = Subject(
    name="quickbooks",
    connect=QuickBooks,
    pretend=Books,
    kinds=(
        _kind("Invoice", many=55, text="PrivateNote", refused={"CustomerRef": {"value": "1"}}),
        *(_kind(name) for name in _LEAST if name != "Invoice"),
    ),
    other_company="9999999999999999",
    options={"page_rows": "20"},
)
