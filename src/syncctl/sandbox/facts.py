"""What happened at the pretend company, told in no vendor's words. No I/O.

Amounts are in major units of the named currency; every instant is aware and UTC. A `key` numbers the facts of one kind
from 1. Nothing here is wrong: breaks are planted when a vendor's view is written (breaks.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Final, Literal, TypeAlias

Currency: TypeAlias = Literal["USD", "EUR", "JPY"]
Method: TypeAlias = Literal["card", "link", "us_bank_account", "customer_balance"]

HOME: Final[Currency] = "USD"
DECIMALS: Final[Mapping[Currency, int]] = {"USD": 2, "EUR": 2, "JPY": 0}
TERM_DAYS: Final = {"Due on receipt": 0, "Net 15": 15, "Net 30": 30}
"""Payment terms by their QuickBooks name."""


def rounded(amount: Decimal, currency: Currency) -> Decimal:
    """Half up, to the currency's own decimals."""
    return amount.quantize(Decimal(1).scaleb(-DECIMALS[currency]), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Address:
    """`country` is the ISO code, `country_name` how people write it."""

    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    country: str
    country_name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody in sales."""

    key: int
    first: str
    last: str
    email: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something that is sold; `prices` per unit and currency. `taxable` in the states that tax it."""

    key: int
    sku: str
    name: str
    description: str
    prices: Mapping[Currency, Decimal]
    taxable: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A name and how to reach it. `phone` is E.164."""

    first: str
    last: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is billed. `company` is the firm's name and `domain` its own, both empty for a private person."""

    key: int
    name: str
    company: str
    domain: str
    person: Person
    address: Address
    currency: Currency
    tax_exempt: bool
    created: datetime
    owner: Owner


@dataclass(frozen=True, slots=True)
class Lead:
    """A contact that has never bought anything."""

    key: int
    person: Person
    created: datetime
    owner: Owner


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice: `amount` = quantity x unit price, before `discount` and `tax`."""

    product: Product
    quantity: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    service_from: datetime

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Invoice:
    """A finalized invoice. `exchange_rate` is home units per foreign unit on the day; 1 at home."""

    key: int
    customer: Customer
    number: str
    issued: datetime
    due: datetime
    terms: str
    po_number: str
    lines: tuple[Line, ...]
    shipping: Decimal
    void: bool
    exchange_rate: Decimal

    @property
    def currency(self) -> Currency:
        return self.customer.currency

    @property
    def subtotal(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def discount(self) -> Decimal:
        return sum((line.discount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount + self.tax + self.shipping


@dataclass(frozen=True, slots=True)
class Applied:
    """The part of a payment that went to one invoice."""

    invoice: Invoice
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in. What `applied` leaves of `amount` is an overpayment."""

    key: int
    customer: Customer
    amount: Decimal
    paid: datetime
    method: Method
    applied: tuple[Applied, ...]

    @property
    def unapplied(self) -> Decimal:
        return self.amount - sum((part.amount for part in self.applied), Decimal(0))


@dataclass(frozen=True, slots=True)
class Refund:
    """Money sent back from one payment; `reason` is Stripe's word or empty."""

    key: int
    payment: Payment
    amount: Decimal
    made: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CreditNote:
    """Lowers what is still owed on an open invoice."""

    key: int
    invoice: Invoice
    number: str
    amount: Decimal
    issued: datetime
    memo: str
    description: str


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of the processor's balance, in home currency: `net` = amount - fee."""

    key: int
    source: Payment | Refund
    amount: Decimal
    fee: Decimal
    created: datetime
    available: datetime
    exchange_rate: Decimal

    @property
    def net(self) -> Decimal:
        return self.amount - self.fee


@dataclass(frozen=True, slots=True)
class Payout:
    """What the processor sent to the bank: the sum of its movements."""

    key: int
    created: datetime
    arrives: datetime
    movements: tuple[Movement, ...]

    @property
    def amount(self) -> Decimal:
        return sum((movement.net for movement in self.movements), Decimal(0))


Stage: TypeAlias = Literal[
    "appointmentscheduled", "qualifiedtobuy", "contractsent", "invoiced", "closedwon", "closedlost"
]


@dataclass(frozen=True, slots=True)
class Deal:
    """What sales agreed. Without an invoice it is still in the pipeline; `stage` is where the facts put it."""

    key: int
    customer: Customer
    invoice: Invoice | None
    name: str
    project_id: str
    amount: Decimal
    stage: Stage
    closes: date
    created: datetime


@dataclass(frozen=True)
class Company:
    """Everything that happened in the 90 days before `now`."""

    seed: int
    now: datetime
    owners: tuple[Owner, ...]
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    leads: tuple[Lead, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    credit_notes: tuple[CreditNote, ...]
    movements: tuple[Movement, ...]
    payouts: tuple[Payout, ...]
    deals: tuple[Deal, ...]

    @cached_property
    def paid_on(self) -> Mapping[int, Decimal]:
        """What was paid on each invoice, by the invoice's key; absent when nothing."""
        return _sums((part.invoice.key, part.amount) for payment in self.payments for part in payment.applied)

    @cached_property
    def payments_of(self) -> Mapping[int, tuple[Payment, ...]]:
        """The payments of an invoice, by the invoice's key; absent when there are none."""
        found: dict[int, tuple[Payment, ...]] = {}
        for payment in self.payments:
            for part in payment.applied:
                found[part.invoice.key] = (*found.get(part.invoice.key, ()), payment)
        return found

    @cached_property
    def credited_on(self) -> Mapping[int, Decimal]:
        """What credit notes took off each invoice, by the invoice's key."""
        return _sums((note.invoice.key, note.amount) for note in self.credit_notes)

    @cached_property
    def refunded_on(self) -> Mapping[int, Decimal]:
        """What was sent back of each payment, by the payment's key."""
        return _sums((refund.payment.key, refund.amount) for refund in self.refunds)

    @cached_property
    def _movements(self) -> Mapping[tuple[type, int], Movement]:
        return {(type(movement.source), movement.source.key): movement for movement in self.movements}

    def movement_of(self, source: Payment | Refund) -> Movement:
        """What a payment or refund did to the processor's balance."""
        return self._movements[type(source), source.key]

    @cached_property
    def deal_of(self) -> Mapping[int, Deal]:
        """The deal behind an invoice, by the invoice's key."""
        return {deal.invoice.key: deal for deal in self.deals if deal.invoice}

    @cached_property
    def invoices_of(self) -> Mapping[int, tuple[Invoice, ...]]:
        """A customer's invoices, oldest first, by the customer's key; absent when there are none."""
        found: dict[int, tuple[Invoice, ...]] = {}
        for invoice in self.invoices:
            found[invoice.customer.key] = (*found.get(invoice.customer.key, ()), invoice)
        return found

    def remaining(self, invoice: Invoice) -> Decimal:
        """What is still owed; nothing on a void invoice."""
        if invoice.void:
            return Decimal(0)
        settled = self.paid_on.get(invoice.key, Decimal(0)) + self.credited_on.get(invoice.key, Decimal(0))
        return invoice.total - settled

    def untouched(self, invoice: Invoice) -> bool:
        """True while an invoice is open and nothing was paid on it or credited."""
        return not invoice.void and invoice.key not in self.paid_on and invoice.key not in self.credited_on

    def days_ago(self, moment: datetime) -> int:
        """Whole calendar days between `moment` and now."""
        return (self.now.date() - moment.date()) // timedelta(days=1)


def _sums(parts: Iterator[tuple[int, Decimal]]) -> Mapping[int, Decimal]:
    found: dict[int, Decimal] = {}
    for key, amount in parts:
        found[key] = found.get(key, Decimal(0)) + amount
    return found
