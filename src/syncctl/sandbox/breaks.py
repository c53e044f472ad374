"""The breaks planted in the pretend company: which records are wrong where, and how it would be told a person. No I/O.

The facts stay right; the seeds ask `Planted` when they write a vendor's view. No two breaks touch one customer, so each
shows alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from syncctl.sandbox.breaks_customers import CUSTOMER_KINDS
from syncctl.sandbox.breaks_deals import DEAL_KINDS
from syncctl.sandbox.breaks_documents import DOCUMENT_KINDS
from syncctl.sandbox.breaks_kind import Break, Fact, Kind, touched
from syncctl.sandbox.chance import stream
from syncctl.sandbox.company import CUSTOMERS_AT_SCALE_1
from syncctl.sandbox.facts import Company, Invoice
from syncctl.stack import USUAL, Stack

KINDS: Final[tuple[Kind[Any], ...]] = (*CUSTOMER_KINDS, *DOCUMENT_KINDS, *DEAL_KINDS)
"""Every kind of break, by subject."""


def plan_breaks(company: Company, stack: Stack = USUAL) -> tuple[Break, ...]:
    """The same breaks for the same company and stack: at least one of every kind, more with the company's size."""
    chance = stream(company.seed, "breaks")
    size = len(company.customers) / CUSTOMERS_AT_SCALE_1
    eligible: dict[str, list[Fact]] = {kind.name: kind.facts(company, stack) for kind in KINDS}
    taken: set[tuple[str, int]] = set()
    planned: list[Break] = []
    # Whoever has the smallest choice chooses first.
    for kind in sorted(KINDS, key=lambda kind: len(eligible[kind.name]) / kind.count):
        chance.shuffle(eligible[kind.name])
        for fact in _apart(eligible[kind.name], taken, max(1, round(kind.count * size))):
            taken.add(touched(fact))
            planned.append(kind.plant(company, fact, stack))
    return tuple(planned)


def _apart(facts: Iterable[Fact], taken: set[tuple[str, int]], wanted: int) -> list[Fact]:
    """The first facts that touch neither what is taken nor each other."""
    found: dict[tuple[str, int], Fact] = {}
    for fact in facts:
        if touched(fact) not in taken and len(found) < wanted:
            found.setdefault(touched(fact), fact)
    return list(found.values())


class Planted:
    """Looks breaks up by kind and fact while a vendor's view is written."""

    def __init__(self, breaks: Iterable[Break]) -> None:
        self._found = {(planted.kind, planted.key): planted for planted in breaks}
        self._kinds = frozenset(kind.name for kind in KINDS)

    def get(self, kind: str, key: int) -> Break | None:
        """The break of this kind in the fact with this key. Raises KeyError for a kind that does not exist."""
        if kind not in self._kinds:
            raise KeyError(kind)
        return self._found.get((kind, key))

    def has(self, kind: str, key: int) -> bool:
        """Whether there is such a break."""
        return self.get(kind, key) is not None

    def booked(self, invoice: Invoice) -> bool:
        """Whether the invoice is in the books."""
        return not (
            self.has("invoice_missing", invoice.key)
            or self.has("customer_missing", invoice.customer.key)
            or self.has("currency_mismatch", invoice.customer.key)
            or self.has("colon_name", invoice.customer.key)
        )

    def wrong(self, kind: str, key: int, right: str) -> str:
        """The planted value, or the right one where nothing was planted."""
        found = self.get(kind, key)
        return right if found is None else found.wrong
