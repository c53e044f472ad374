"""What customers bought, paid, overpaid, got back and were credited. No I/O.

Every invoice follows one of the stories in `_STORIES`; a deck of them keeps each story's share, however few there are.
Invoices are written between 15:00 and 16:00 UTC, money comes after 16:00 and goes back after 17:00: hours that fall on
the same date in every time zone in which the books may be kept, from Hawaii to Jakarta.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from syncctl.sandbox.chance import Deck, stream
from syncctl.sandbox.facts import (
    HOME,
    TERM_DAYS,
    Applied,
    CreditNote,
    Currency,
    Customer,
    Invoice,
    Line,
    Method,
    Payment,
    Refund,
    rounded,
)
from syncctl.sandbox.vocabulary import CREDIT_MEMOS, PRODUCTS, REFUND_REASONS

OLDEST_INVOICE_DAY: Final = 86
OPEN_SINCE_DAYS: Final = 40
INVOICES_PER_BUYER: Final = {1: 1, 2: 2, 3: 1, 4: 1}
TAX_RATES: Final = {"CA": "0.08625", "NY": "0.08875", "TX": "0.0825", "IL": "0.1025", "MA": "0.0625", "MN": "0.07875"}
"""What a state takes of a taxable line; elsewhere nothing."""
RATES: Final[dict[Currency, Decimal]] = {"USD": Decimal(1), "EUR": Decimal("1.0842"), "JPY": Decimal("0.006618")}
"""Home units per foreign unit, before the day's drift."""
DISCOUNT: Final = Decimal("0.10")
METHODS: Final[Mapping[Method, int]] = {"card": 3, "us_bank_account": 1, "link": 1, "customer_balance": 1}

Story: TypeAlias = Literal[
    "paid", "open", "part paid", "two payments", "shared", "overpaid", "refunded", "credited", "void"
]
_STORIES: Final[Mapping[tuple[Story, bool], int]] = {
    ("paid", False): 6,
    ("paid", True): 5,
    ("open", False): 3,
    ("open", True): 3,
    ("part paid", True): 1,
    ("two payments", False): 1,
    ("shared", False): 1,
    ("overpaid", False): 1,
    ("refunded", False): 1,
    ("credited", False): 1,
    ("void", False): 1,
}
"""(story, whether a deal stands behind it): how many of 24 invoices."""


@dataclass(frozen=True, slots=True)
class Sales:
    """Everything sold and settled. `agreed` are the keys of the invoices with a deal behind them."""

    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    credit_notes: tuple[CreditNote, ...]
    agreed: frozenset[int]


class Books:
    """Writes the sales of one customer after the other."""

    def __init__(self, now: datetime, chance: random.Random) -> None:
        self._now = now
        self._chance = chance
        self._stories = Deck(chance, _STORIES)
        self._counts = Deck(chance, INVOICES_PER_BUYER)
        self._terms = Deck(chance, {"Net 30": 6, "Net 15": 2, "Due on receipt": 2})
        self._po_numbers = Deck(chance, {True: 2, False: 3})
        self._discounted = Deck(chance, {True: 1, False: 6})
        self._shipped = Deck(chance, {True: 1, False: 24})
        self._methods = Deck(chance, METHODS)
        self._invoices: list[Invoice] = []
        self._payments: list[Payment] = []
        self._refunds: list[Refund] = []
        self._credit_notes: list[CreditNote] = []
        self._agreed: set[int] = set()

    def closed(self) -> Sales:
        """What was written."""
        return Sales(
            tuple(self._invoices),
            tuple(self._payments),
            tuple(self._refunds),
            tuple(self._credit_notes),
            frozenset(self._agreed),
        )

    def buy(self, customer: Customer) -> None:
        """A few invoices, each with its own story."""
        for _ in range(self._counts.draw()):
            story, agreed = self._stories.draw()
            invoice = self._invoice(customer, void=story == "void", recent=story == "open")
            if agreed:
                self._agreed.add(invoice.key)
            _TELL[story](self, invoice)

    def owe(self, customer: Customer) -> None:
        """One recent invoice that nobody has paid yet."""
        self._invoice(customer, recent=True)

    # --- stories -----------------------------------------------------------------------------------------------

    def _nothing(self, invoice: Invoice) -> None:
        """Open or void: no money moved."""

    def _paid(self, invoice: Invoice) -> Payment:
        return self._pay([Applied(invoice, invoice.total)])

    def _part_paid(self, invoice: Invoice) -> None:
        self._pay([Applied(invoice, self._part(invoice))])

    def _paid_twice(self, invoice: Invoice) -> None:
        first = self._part(invoice)
        self._pay([Applied(invoice, first)])
        self._pay([Applied(invoice, invoice.total - first)])

    def _shared(self, invoice: Invoice) -> None:
        """One payment over two or three invoices."""
        others = [self._invoice(invoice.customer) for _ in range(self._chance.randint(1, 2))]
        self._pay([Applied(each, each.total) for each in (invoice, *others)])

    def _overpaid(self, invoice: Invoice) -> None:
        extra = rounded(Decimal(self._chance.choice(("10", "25", "100"))), invoice.currency)
        self._pay([Applied(invoice, invoice.total)], extra=extra)

    def _refunded(self, invoice: Invoice) -> None:
        payment = self._paid(invoice)
        amount = payment.amount if self._chance.random() < 0.5 else self._part(invoice)
        made = self._later(payment.paid, 20, 17)
        reason = self._chance.choice(REFUND_REASONS)
        self._refunds.append(Refund(len(self._refunds) + 1, payment, amount, made, reason))

    def _credited(self, invoice: Invoice) -> None:
        key = len(self._credit_notes) + 1
        issued = self._later(invoice.issued, 10, 17)
        memo = CREDIT_MEMOS[key % len(CREDIT_MEMOS)]
        note = CreditNote(key, invoice, f"{invoice.number}-CN-01", self._part(invoice), issued, memo, "Credit")
        self._credit_notes.append(note)

    # --- parts -------------------------------------------------------------------------------------------------

    def _part(self, invoice: Invoice) -> Decimal:
        """More than nothing, less than all."""
        share = Decimal(self._chance.randint(20, 60)) / 100
        return rounded(invoice.total * share, invoice.currency)

    def _pay(self, applied: list[Applied], extra: Decimal = Decimal(0)) -> Payment:
        customer = applied[0].invoice.customer
        amount = sum((part.amount for part in applied), extra)
        last = max(part.invoice.issued for part in applied)
        method = self._methods.draw() if customer.currency == HOME else "card"
        paid = self._later(last, 25, 16)
        payment = Payment(len(self._payments) + 1, customer, amount, paid, method, tuple(applied))
        self._payments.append(payment)
        return payment

    def _later(self, moment: datetime, days_max: int, hour: int) -> datetime:
        """Up to `days_max` days after `moment`, at this hour, not later than yesterday."""
        yesterday = self._now.date() - timedelta(days=1)
        day = min(moment.date() + timedelta(days=self._chance.randint(0, days_max)), yesterday)
        return self._at(day, hour)

    def _at(self, day: date, hour: int) -> datetime:
        return datetime.combine(
            day, time(hour, self._chance.randint(0, 59), self._chance.randint(0, 59)), self._now.tzinfo
        )

    def _invoice(self, customer: Customer, *, void: bool = False, recent: bool = False) -> Invoice:
        key = len(self._invoices) + 1
        days = self._chance.randint(1, OPEN_SINCE_DAYS if recent else OLDEST_INVOICE_DAY)
        issued = self._at(self._now.date() - timedelta(days=days), 15)
        terms = self._terms.draw()
        invoice = Invoice(
            key=key,
            customer=customer,
            number=f"INV-{issued:%y%m}-{key:05d}",
            issued=issued,
            due=issued + timedelta(days=TERM_DAYS[terms]),
            terms=terms,
            po_number=f"PO-{self._chance.randint(10_000, 99_999)}" if self._po_numbers.draw() else "",
            lines=tuple(self._lines(customer, issued)),
            shipping=rounded(Decimal("15.00"), customer.currency) if self._shipped.draw() else Decimal(0),
            void=void,
            exchange_rate=rate_on(customer.currency, issued),
        )
        self._invoices.append(invoice)
        return invoice

    def _quantity(self, price: Decimal) -> int:
        """Few of what is dear, hundreds of what costs cents."""
        if price < 1:
            return self._chance.randint(200, 2000)
        return self._chance.choice((1, 1, 2) if price > 500 else (1, 1, 2, 3, 5, 8, 12))

    def _lines(self, customer: Customer, issued: datetime) -> Iterable[Line]:
        discounted = self._discounted.draw()
        rate = Decimal(0 if customer.tax_exempt else TAX_RATES.get(customer.address.state, "0"))
        for product in self._chance.sample(PRODUCTS, self._chance.choice((1, 1, 2, 2, 3, 4))):
            price = product.prices[customer.currency]
            quantity = self._quantity(product.prices[HOME])
            amount = price * quantity
            discount = rounded(amount * DISCOUNT, customer.currency) if discounted else Decimal(0)
            tax = rounded((amount - discount) * rate, customer.currency) if product.taxable else Decimal(0)
            yield Line(product, quantity, price, discount, tax, issued)


_TELL: Final = {
    "paid": Books._paid,
    "open": Books._nothing,
    "part paid": Books._part_paid,
    "two payments": Books._paid_twice,
    "shared": Books._shared,
    "overpaid": Books._overpaid,
    "refunded": Books._refunded,
    "credited": Books._credited,
    "void": Books._nothing,
}


def rate_on(currency: Currency, moment: datetime) -> Decimal:
    """Home units per foreign unit on that day: within 1 % of the usual rate, the same for everybody."""
    if currency == HOME:
        return Decimal(1)
    drift = stream(moment.date().toordinal(), currency).randint(-100, 100)
    return (RATES[currency] * (1 + Decimal(drift) / 10_000)).quantize(Decimal("0.000001"))
