"""Which scope a request needs, so that a refusal can name it. No I/O.

Granular scopes, the only ones for apps made since 2 March 2026; the broad ones (accounting.transactions) end in
September 2027 (Xero's page on scopes).
"""

from __future__ import annotations

from typing import Final

from syncctl.connectors.xero.kinds import API

SCOPES: Final = {
    "Contacts": "accounting.contacts",
    "Invoices": "accounting.invoices",
    "CreditNotes": "accounting.invoices",
    "Items": "accounting.invoices",
    "Payments": "accounting.payments",
    "BankTransactions": "accounting.banktransactions",
    "ManualJournals": "accounting.manualjournals",
    "Accounts": "accounting.settings",
    "TaxRates": "accounting.settings",
    "TrackingCategories": "accounting.settings",
    "Organisation": "accounting.settings",
}


_BROAD: Final = frozenset(
    {"accounting.invoices", "accounting.payments", "accounting.banktransactions", "accounting.manualjournals"}
)
"""What accounting.transactions of older apps covers."""


def scopes_for(endpoint: str, *, writes: bool) -> tuple[str, ...]:
    """The scopes any one of which is enough at an endpoint, the least first; empty for one that is not known."""
    scope = SCOPES.get(endpoint, "")
    if not scope:
        return ()
    whole = (scope, *(("accounting.transactions",) if scope in _BROAD else ()))
    return whole if writes else (*(f"{one}.read" for one in whole), *whole)


def scope_for(request: str) -> str:
    """The scope of a request given as `METHOD PATH`; empty for a path that needs none."""
    method, _, path = request.partition(" ")
    endpoint = path.removeprefix(f"{API}/").partition("/")[0]
    scope = SCOPES.get(endpoint, "") if path.startswith(API) else ""
    return f"{scope}.read" if scope and method == "GET" else scope
