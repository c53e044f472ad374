"""Customers, items, accounts and the other lists: defaults and unique names. No I/O."""

from __future__ import annotations

from typing import Any, Final

from syncctl.sandbox.quickbooks.answers import Refusal, business, missing
from syncctl.sandbox.quickbooks.shapes import NAMES
from syncctl.sandbox.quickbooks.store import UNKNOWN_PLACE, Books, Raw, held_name

CURRENCIES: Final = {
    "USD": "United States Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "CAD": "Canadian Dollar",
    "JPY": "Japanese Yen",
}
FORBIDDEN: Final = (":", "\t", "\n")

_CLASSIFICATION: Final = {
    "Bank": "Asset", "Accounts Receivable": "Asset", "Other Current Asset": "Asset", "Fixed Asset": "Asset",
    "Other Asset": "Asset", "Accounts Payable": "Liability", "Credit Card": "Liability",
    "Other Current Liability": "Liability", "Long Term Liability": "Liability", "Equity": "Equity",
    "Income": "Revenue", "Other Income": "Revenue", "Cost of Goods Sold": "Expense", "Expense": "Expense",
    "Other Expense": "Expense", "Non-Posting": "Asset",
}  # fmt: skip


def currency_ref(code: str) -> Raw:
    """A currency as records name it."""
    return {"value": code, "name": CURRENCIES.get(code, code)}


def finish_list(books: Books, kind: str, raw: Raw, held: Raw | None, *, strict: bool) -> Raw:
    """A list record with everything QuickBooks adds. Raises Refusal."""
    raw = (_finish_name if kind in NAMES else _finish_named)(books, kind, raw, held)
    if strict:
        _check_name(books, kind, raw, held)
    return raw


def _check_name(books: Books, kind: str, raw: Raw, held: Raw | None) -> None:
    name: str = raw.get("DisplayName") or raw["Name"]
    if any(each in name for each in FORBIDDEN):
        raise business("a name may hold no colon, tab or new line")
    full = held_name(kind, raw)
    owner = f"{kind}:{held['Id']}" if held is not None else ""
    if books.name_taken(kind, full, owner):
        raise Refusal(
            "6240", "Duplicate Name Exists Error", "The name supplied already exists. : null", element=""
        )  # fmt: skip


def _finish_name(books: Books, kind: str, raw: Raw, held: Raw | None) -> Raw:
    parts = [raw.get(each, "") for each in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")]
    name = raw.get("DisplayName") or " ".join(part for part in parts if part)
    if not name:
        raise missing("DisplayName")
    added: Raw = {
        **({"Taxable": True, "Job": False, "BillWithParent": False} if kind == "Customer" else {}),
        **({"PreferredDeliveryMethod": "Print"} if kind == "Customer" else {}),
        "PrintOnCheckName": name,
        "Active": True,
    }
    raw = {**added, **raw, "DisplayName": name, "Balance": 0}
    raw["CurrencyRef"] = _name_currency(books, raw, held)
    if kind == "Customer":
        raw["Balance"] = raw["BalanceWithJobs"] = held["Balance"] if held is not None else 0
        raw["FullyQualifiedName"] = name
        raw.setdefault("DefaultTaxCodeRef", {"value": "2"})
    if kind == "Employee":
        raw.pop("Balance")
        raw.pop("CurrencyRef")
    _finish_addresses(books, raw)
    return _mark_inactive(books, raw, held)


def _name_currency(books: Books, raw: Raw, held: Raw | None) -> Raw:
    wanted = raw.get("CurrencyRef", {}).get("value") or books.rules.home_currency
    if held is not None and "CurrencyRef" in held and held["CurrencyRef"]["value"] != wanted:
        raise business("the currency of a name cannot be changed once it is saved")
    if wanted != books.rules.home_currency and not books.rules.multicurrency:
        raise business("multicurrency is not enabled for this company")
    return currency_ref(wanted)


def _mark_inactive(books: Books, raw: Raw, held: Raw | None) -> Raw:
    if held is None or raw.get("Active", True) == held.get("Active", True):
        return raw
    if not raw["Active"] and raw.get("Balance"):
        raise business("a name with a balance cannot be made inactive")
    suffix = books.rules.inactive_suffix
    if suffix:
        bare = raw["DisplayName"].removesuffix(suffix)
        raw = {**raw, "DisplayName": bare if raw["Active"] else bare + suffix}
    return raw


def _finish_addresses(books: Books, raw: Raw) -> None:
    for name in ("BillAddr", "ShipAddr"):
        if raw.get(name):
            raw[name] = placed(books, raw[name])


def placed(books: Books, address: Raw) -> Raw:
    """An address with its id, and Lat and Long as QuickBooks leaves them when it cannot place it."""
    return {
        "Id": address.get("Id") or books.next_address(),
        **{key: value for key, value in address.items() if key != "Id"},
        "Lat": address.get("Lat") or UNKNOWN_PLACE,
        "Long": address.get("Long") or UNKNOWN_PLACE,
    }


def _finish_named(books: Books, kind: str, raw: Raw, held: Raw | None) -> Raw:
    if not raw.get("Name"):
        raise missing("Name")
    added: Raw = {"Active": True}
    if kind == "Item":
        added |= _item_defaults(raw)
    if kind == "Account":
        added |= _account_defaults(books, raw)
    raw = {**added, **raw}
    if kind in ("Item", "Account", "Class", "Department", "CustomerType"):
        parent = books.get(kind, raw.get("ParentRef", {}).get("value", ""))
        above = f"{parent['FullyQualifiedName']}:" if parent else ""
        raw["FullyQualifiedName"] = above + raw["Name"]
    if kind == "Account":
        raw["CurrentBalance"] = raw["CurrentBalanceWithSubAccounts"] = held["CurrentBalance"] if held else 0
    return raw


def _item_defaults(raw: Raw) -> Raw:
    kind = raw.get("Type")
    if not kind:
        raise missing("Type")
    if kind in ("Service", "NonInventory", "Inventory") and not raw.get("IncomeAccountRef"):
        raise missing("IncomeAccountRef")
    return {"Taxable": False, "UnitPrice": 0, "PurchaseCost": 0, "TrackQtyOnHand": kind == "Inventory"}


def _account_defaults(books: Books, raw: Raw) -> Raw:
    if not raw.get("AccountType"):
        raise missing("AccountType")
    added: Raw = {
        "SubAccount": "ParentRef" in raw,
        "Classification": _CLASSIFICATION[raw["AccountType"]],
        "CurrencyRef": currency_ref(books.rules.home_currency),
    }
    return added


def reference(raw: Raw) -> dict[str, Any]:
    """How another record names this one."""
    return {"value": raw["Id"], "name": raw.get("FullyQualifiedName") or raw.get("DisplayName") or raw.get("Name")}
