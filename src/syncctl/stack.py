"""Which systems a project joins: Stripe, one that keeps the books, one for sales. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from syncctl.errors import UsageError, no_such

PAYMENTS: Final = "stripe"
BOOKS: Final = ("quickbooks", "xero")
CRMS: Final = ("hubspot", "salesforce")
TITLES: Final = {
    "stripe": "Stripe",
    "quickbooks": "QuickBooks",
    "xero": "Xero",
    "hubspot": "HubSpot",
    "salesforce": "Salesforce",
}
"""How each is written in a sentence."""
BESIDE: Final = ("erp", "plaid")
"""Pretend vendors in no stack: a project that wants one names it in syncctl.yaml itself."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One system of each sort; Stripe is always the first."""

    books: str = BOOKS[0]
    crm: str = CRMS[0]

    @property
    def systems(self) -> tuple[str, ...]:
        """The names, in the order in which facts travel."""
        return (PAYMENTS, self.books, self.crm)


USUAL: Final = Stack()
"""What a project has where nobody says otherwise."""


def served_stack(names: Iterable[str]) -> Stack:
    """The stack of the systems to pretend, without those beside every stack. Raises UsageError as `read_stack` does."""
    wanted = list(names)
    for name in wanted:
        if name not in TITLES and name not in BESIDE:
            raise no_such("system", name, (*TITLES, *BESIDE))
    return read_stack(name for name in wanted if name not in BESIDE)


def read_stack(names: Iterable[str]) -> Stack:
    """The stack with these systems; a sort that is not named is the usual one.

    Raises UsageError for a system that does not exist, and for two of one sort.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in TITLES:
            raise no_such("system", name, TITLES)
    return Stack(_one(wanted, BOOKS, "keep the books"), _one(wanted, CRMS, "are a CRM"))


def _one(wanted: list[str], sort: tuple[str, ...], what: str) -> str:
    found = [name for name in sort if name in wanted]
    if len(found) > 1:
        raise UsageError(f"{' and '.join(found)} both {what}", fix="name one of them; a project has one of each sort")
    return found[0] if found else sort[0]


def split_names(text: str) -> list[str]:
    """`xero, salesforce` as a list of names."""
    return [name.strip() for name in text.split(",") if name.strip()]
