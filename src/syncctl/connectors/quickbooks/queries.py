"""Text in QuickBooks' query language: quoting, chunks, pages. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from syncctl.connectors.quickbooks.kinds import KINDS

IDS_ASKED: Final = 200
TEXTS_ASKED: Final = 40
QUERY_IN_URL: Final = 1_500
"""A longer query goes as a body: an URL has no room for it."""
LATIN: Final = 0xFF

COLUMNS: Final = {
    "PrimaryEmailAddr.Address": "PrimaryEmailAddr",
    "PrimaryPhone.FreeFormNumber": "PrimaryPhone",
}
"""Fields that a query names otherwise."""
LOOKED_UP: Final[dict[str, frozenset[str]]] = {
    "Customer": frozenset(
        {"DisplayName", "CompanyName", "GivenName", "FamilyName", "FullyQualifiedName", "PrintOnCheckName",
         "PrimaryEmailAddr.Address", "PrimaryPhone.FreeFormNumber"}
    ),
    **{
        kind: frozenset({"DisplayName", "GivenName", "FamilyName", "PrimaryEmailAddr.Address"})
        for kind in ("Vendor", "Employee")
    },
    "Item": frozenset({"Name", "Sku", "FullyQualifiedName"}),
    "Account": frozenset({"Name", "AcctNum", "FullyQualifiedName"}),
    **{
        kind: frozenset({"DocNumber", "CustomerRef"})
        for kind in ("Invoice", "CreditMemo", "RefundReceipt", "SalesReceipt")
    },
    "Payment": frozenset({"PaymentRefNum", "CustomerRef"}),
    "Deposit": frozenset({"DocNumber"}),
    "JournalEntry": frozenset({"DocNumber"}),
    **{
        kind: frozenset({"Name"})
        for kind in ("Term", "PaymentMethod", "Class", "Department", "CustomerType", "TaxCode")
    },
}  # fmt: skip
"""What a query can look a kind up by, beside its Id. Notes and custom fields are not among it."""


def quoted(text: str) -> str:
    """A text literal: the backslash and the apostrophe each behind a backslash."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def instant(moment: datetime) -> str:
    """A time literal's text."""
    return moment.isoformat(timespec="seconds")


def everything(kind: str) -> str:
    """The condition under which a query lists all records of a kind, inactive ones included; may be empty."""
    return "Active IN (true, false)" if KINDS[kind].listed else ""


def select(kind: str, conditions: Sequence[str], *, columns: str = "*", tail: str = "") -> str:
    """A query; empty conditions are left out."""
    return " ".join(filter(None, ("SELECT", columns, "FROM", kind, _where(conditions), tail)))


def count(kind: str, conditions: Sequence[str]) -> str:
    """A query for a number."""
    return select(kind, conditions, columns="COUNT(*)")


def _where(conditions: Sequence[str]) -> str:
    found = " AND ".join(filter(None, conditions))
    return f"WHERE {found}" if found else ""


def page(start: int, rows: int) -> str:
    """A stretch of a listing in the one order that never changes."""
    return f"ORDERBY Id STARTPOSITION {start} MAXRESULTS {rows}"


def matches(field: str, values: Sequence[str]) -> Iterator[str]:
    """Conditions that together find every record whose field is one of the values, a few values at a time.

    QuickBooks' query reader has refused signs beyond Latin-1 (“lexical error”), so a value with such signs is asked
    for with `%` in their place; the caller compares what comes.
    """
    column = COLUMNS.get(field, field)
    plain = [value for value in values if all(ord(sign) <= LATIN for sign in value)]
    size = IDS_ASKED if field == "Id" else TEXTS_ASKED
    for some in (plain[at : at + size] for at in range(0, len(plain), size)):
        yield f"{column} IN ({', '.join(map(quoted, some))})"
    for value in values:
        if value not in plain:
            yield f"{column} LIKE {quoted(_pattern(value))}"


def _pattern(value: str) -> str:
    pattern = "".join(sign if ord(sign) <= LATIN else "%" for sign in value)
    while "%%" in pattern:
        pattern = pattern.replace("%%", "%")
    return pattern
