"""Which records a body names. No I/O."""

from __future__ import annotations

from typing import Any, Final

REFERENCES: Final = {
    "CustomerRef": "Customer",
    "ItemRef": "Item",
    "ARAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "AccountRef": "Account",
    "SalesTermRef": "Term",
    "PaymentMethodRef": "PaymentMethod",
    "ClassRef": "Class",
    "DepartmentRef": "Department",
    "CustomerTypeRef": "CustomerType",
}
"""The kind that a reference property points to."""


def references_in(body: Any) -> dict[str, set[str]]:
    """Kind to the ids that a body names, at any depth."""
    found: dict[str, set[str]] = {}
    _collect(body, found)
    return found


def _collect(value: Any, found: dict[str, set[str]]) -> None:
    if isinstance(value, list):
        for element in value:
            _collect(element, found)
    elif isinstance(value, dict):
        for name, inner in value.items():
            kind = REFERENCES.get(name)
            identity = inner.get("value") if isinstance(inner, dict) else None
            if kind is not None and isinstance(identity, str) and identity.isdigit():
                found.setdefault(kind, set()).add(identity)
            else:
                _collect(inner, found)
