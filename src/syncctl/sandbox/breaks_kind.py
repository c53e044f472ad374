"""A kind of planted break, and one break of it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from syncctl.sandbox.facts import Company, CreditNote, Customer, Deal, Invoice, Payment, Product, Refund
from syncctl.stack import TITLES, Stack

Fact: TypeAlias = "Customer | Invoice | Payment | Refund | CreditNote | Deal | Product"
F = TypeVar("F", bound=Fact)

Outcome: TypeAlias = Literal["corrected", "person", "explained"]
"""An apply settles it; a person must decide; it is within a tolerance and listed under its reason."""


@dataclass(frozen=True, slots=True)
class Break:
    """One planted break: `key` is the fact's, `right` what the facts say, `wrong` what was planted instead."""

    kind: str
    key: int
    right: str
    wrong: str
    sentence: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Kind(Generic[F]):
    """One kind: `count` at scale 1; `shows` is (mapping, field or finding) as the usual stack's mappings report it.

    `values` gives (right, wrong); `sentence` is a format text over `fact`, `customer`, `right`, `wrong`, and `books`
    and `crm`, the systems' names. `only` names the books in which alone this can go wrong; `edits_invoice`: it is
    corrected in the invoice itself, which Xero lets nobody touch any more once something was paid.
    """

    name: str
    count: int
    outcome: Outcome
    shows: tuple[tuple[str, str], ...]
    eligible: Callable[[Company], Iterable[F]]
    values: Callable[[Company, F], tuple[str, str]]
    sentence: str
    only: str = ""
    edits_invoice: bool = False

    def facts(self, company: Company, stack: Stack) -> list[F]:
        """Where a break of this kind may be planted, in this stack."""
        if self.only not in ("", stack.books):
            return []
        found = self.eligible(company)
        if self.edits_invoice and stack.books == "xero":
            return [fact for fact in found if company.untouched(_invoice(fact))]
        return list(found)

    def plant(self, company: Company, fact: F, stack: Stack) -> Break:
        """The break of this kind in this fact."""
        right, wrong = self.values(company, fact)
        names = {"books": TITLES[stack.books], "crm": TITLES[stack.crm]}
        sentence = self.sentence.format(fact=fact, customer=_customer(fact), right=right, wrong=wrong, **names)
        return Break(self.name, fact.key, right, wrong, sentence, self.outcome)


def touched(fact: Fact) -> tuple[str, int]:
    """What a break in this fact may spread over: its customer, or a product by itself."""
    customer = _customer(fact)
    return ("product", fact.key) if customer is None else ("customer", customer.key)


def _invoice(fact: Any) -> Invoice:
    """The invoice that a fact is, or is about."""
    found: Invoice = fact if isinstance(fact, Invoice) else fact.invoice
    return found


def _customer(fact: Any) -> Customer | None:
    if isinstance(fact, Customer):
        return fact
    if isinstance(fact, Product):
        return None
    if isinstance(fact, Refund):
        return fact.payment.customer
    if isinstance(fact, CreditNote):
        return fact.invoice.customer
    found: Customer = fact.customer
    return found


SMALL: Final = Decimal(3000)
"""In home currency: what is planted as missing must not reach the starter mappings' guards all together."""


def small(invoice: Invoice) -> bool:
    """Whether an invoice is small enough to be planted as missing."""
    return invoice.total * invoice.exchange_rate < SMALL


def modest(amount: Decimal, invoice: Invoice) -> bool:
    """Whether a part of an invoice stays below what the starter mappings let through without a person."""
    return amount * invoice.exchange_rate < 3 * SMALL


def money(amount: Decimal, currency: str) -> str:
    """An amount for a sentence: `1,250.00 USD`."""
    return f"{amount:,f} {currency}"


def always(right: str, wrong: str) -> Callable[[Company, Any], tuple[str, str]]:
    """The same two values for every break of a kind."""
    return lambda _company, _fact: (right, wrong)


MISSING = always("there", "missing")
