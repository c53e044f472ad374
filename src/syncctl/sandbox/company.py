"""The pretend company: the same facts for the same moment, seed and scale. No I/O."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from itertools import product
from typing import Final, Literal, TypeAlias

from syncctl.sandbox.chance import Deck, stream
from syncctl.sandbox.company_deals import deals_of
from syncctl.sandbox.company_money import movements_of, payouts_of
from syncctl.sandbox.company_sales import Books
from syncctl.sandbox.facts import Address, Company, Currency, Customer, Lead, Owner, Person
from syncctl.sandbox.vocabulary import (
    FIRST_NAMES,
    FIRST_WORDS,
    LAST_NAMES,
    LEGAL_FORMS,
    OWNERS,
    PLACES,
    PRODUCTS,
    SECOND_WORDS,
    SPECIAL_NAMES,
)

CUSTOMERS_AT_SCALE_1: Final = 300
CUSTOMERS_MIN: Final = 60
"""Fewer would not leave room for one break of every kind."""
OLDEST_DAY: Final = 89
EXEMPT_EVERY: Final = 6
PRIVATE_EVERY: Final = 5
LEADS_PER_CUSTOMER: Final = 8

Habit: TypeAlias = Literal["buyer", "one open", "idle"]
_HABITS: Final[Mapping[tuple[Habit, Currency], int]] = {
    ("buyer", "USD"): 9,
    ("buyer", "EUR"): 3,
    ("buyer", "JPY"): 2,
    ("one open", "USD"): 2,
    ("one open", "EUR"): 1,
    ("idle", "USD"): 3,
}
"""How many of 20 customers buy what: several invoices, one that is still open, or nothing yet."""


def build_company(now: datetime, *, seed: int = 1, scale: float = 1.0) -> Company:
    """About 300 customers and 600 invoices times `scale`, all dated within the 90 days before `now`."""
    chance = stream(seed, "customers")
    count = max(CUSTOMERS_MIN, round(CUSTOMERS_AT_SCALE_1 * scale))
    books = Books(now, stream(seed, "sales"))
    customers = []
    names = _Names(stream(seed, "names"))
    habits = Deck(chance, _HABITS)
    for key in range(1, count + 1):
        habit, currency = habits.draw()
        customer = _customer(key, currency, names, chance, now)
        customers.append(customer)
        if habit == "buyer":
            books.buy(customer)
        elif habit == "one open":
            books.owe(customer)
    sales = books.closed()
    movements = tuple(movements_of(sales.payments, sales.refunds))
    deals = tuple(deals_of(sales, customers, stream(seed, "deals"), now))
    return Company(
        seed=seed,
        now=now,
        owners=OWNERS,
        products=PRODUCTS,
        customers=tuple(customers),
        leads=tuple(_leads(count // LEADS_PER_CUSTOMER, names, chance, now)),
        invoices=sales.invoices,
        payments=sales.payments,
        refunds=sales.refunds,
        credit_notes=sales.credit_notes,
        movements=movements,
        payouts=tuple(payouts_of(movements, now)),
        deals=deals,
    )


def _customer(key: int, currency: Currency, names: _Names, chance: random.Random, now: datetime) -> Customer:
    private = key % PRIVATE_EVERY == 0
    address, phone = _address(currency, chance)
    first, last = names.person()
    company = "" if private else names.company(currency)
    domain = f"{_slug(company) or 'customer'}-{key}.example" if company else ""
    mailbox = f"billing@{domain}" if company else f"{_slug(first)}.{_slug(last)}{key}@mail.example"
    day = now.date() - timedelta(days=OLDEST_DAY)
    return Customer(
        key=key,
        name=company or f"{first} {last}",
        company=company,
        domain=domain,
        person=Person(first, last, mailbox, phone),
        address=address,
        currency=currency,
        tax_exempt=currency == "USD" and key % EXEMPT_EVERY == 0,
        created=datetime.combine(day, time(14, key % 60), now.tzinfo),
        owner=chance.choice(OWNERS),
    )


def _address(currency: Currency, chance: random.Random) -> tuple[Address, str]:
    place = chance.choice(PLACES[currency])
    line1 = f"{chance.randint(1, 980)} {chance.choice(place.streets)}"
    line2 = chance.choice(("", "", "", f"Suite {chance.randint(2, 40)}", f"Floor {chance.randint(2, 9)}"))
    phone = re.sub("#", lambda _: str(chance.randint(0, 9)), place.phone)
    address = Address(line1, line2, place.city, place.state, place.postal_code, place.country, place.country_name)
    return address, phone


def _leads(count: int, names: _Names, chance: random.Random, now: datetime) -> Iterator[Lead]:
    for key in range(1, count + 1):
        first, last = names.person()
        _, phone = _address("USD", chance)
        person = Person(first, last, f"{_slug(first)}.{_slug(last)}@prospect-{key}.example", phone)
        owner: Owner = chance.choice(OWNERS)
        yield Lead(key, person, _created(now, chance), owner)


def _created(now: datetime, chance: random.Random) -> datetime:
    day = now.date() - timedelta(days=chance.randint(5, OLDEST_DAY))
    return datetime.combine(day, time(14, chance.randint(0, 59)), now.tzinfo)


def _slug(text: str) -> str:
    """`Café Müller GmbH` is `cafe-muller-gmbh`; a name in another script may leave nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-")


class _Names:
    """Names that never come twice, the awkward ones first."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._special = {currency: list(names) for currency, names in SPECIAL_NAMES.items()}
        self._pairs = Deck(chance, dict.fromkeys(product(FIRST_WORDS, SECOND_WORDS), 1))
        self._people = Deck(chance, dict.fromkeys(product(FIRST_NAMES, LAST_NAMES), 1))
        self._companies_given: dict[str, int] = {}
        self._people_given: dict[tuple[str, str], int] = {}

    def company(self, currency: Currency) -> str:
        if self._special[currency]:
            return self._special[currency].pop(0)
        first, second = self._pairs.draw()
        base = f"{first} {second}"
        times = self._companies_given[base] = self._companies_given.get(base, 0) + 1
        form = self._chance.choice(LEGAL_FORMS[currency])
        return " ".join(filter(None, (base, str(times) if times > 1 else "", form)))

    def person(self) -> tuple[str, str]:
        """First and last name; when all are used up, the last name gets a number."""
        first, last = self._people.draw()
        times = self._people_given[first, last] = self._people_given.get((first, last), 0) + 1
        return (first, last) if times == 1 else (first, f"{last} {times}")
