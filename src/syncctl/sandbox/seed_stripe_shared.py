"""How Stripe writes amounts, times and addresses. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from syncctl.money import exponent, to_minor
from syncctl.sandbox.company_sales import TAX_RATES
from syncctl.sandbox.facts import Address, Currency, Product
from syncctl.sandbox.ids import Ids

Raw = dict[str, Any]


def minor(amount: Decimal, currency: Currency) -> int:
    """Integer minor units: 19.99 USD is 1999, 500 JPY is 500."""
    return to_minor(amount, exponent("stripe", currency))


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def midnight(moment: datetime) -> int:
    """The calendar day of a moment, as Stripe writes days: midnight UTC."""
    return epoch(datetime.combine(moment.date(), time(), UTC))


def address(found: Address) -> Raw:
    """An address with null for what is empty."""
    return {
        "line1": found.line1,
        "line2": found.line2 or None,
        "city": found.city,
        "state": found.state or None,
        "postal_code": found.postal_code,
        "country": found.country,
    }


def price_id(ids: Ids, product: Product, currency: Currency) -> str:
    """The price of a product in one currency."""
    return ids.stripe("price", product.key, list(product.prices).index(currency))


def tax_rate_id(ids: Ids, state: str) -> str:
    """The sales tax of one state."""
    return ids.stripe("txr", list(TAX_RATES).index(state))
