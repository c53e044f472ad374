"""What the processor kept of each payment and sent to the bank. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from syncctl.sandbox.company_sales import rate_on
from syncctl.sandbox.facts import HOME, Movement, Payment, Payout, Refund, rounded

AVAILABLE_AFTER: Final = timedelta(days=2)
PAYOUT_EVERY_DAYS: Final = 7
BANK_AFTER: Final = timedelta(days=2)

CARD_SHARE: Final = Decimal("0.029")
CARD_FIXED: Final = Decimal("0.30")
FOREIGN_SHARE: Final = Decimal("0.015")
BANK_SHARE: Final = Decimal("0.008")
BANK_FEE_MAX: Final = Decimal("5.00")


def movements_of(payments: Sequence[Payment], refunds: Sequence[Refund]) -> Iterator[Movement]:
    """One movement for each payment and refund, oldest first."""
    sources: list[Payment | Refund] = sorted([*payments, *refunds], key=_moment)
    for key, source in enumerate(sources, start=1):
        yield _movement(key, source)


def _moment(source: Payment | Refund) -> datetime:
    return source.paid if isinstance(source, Payment) else source.made


def _movement(key: int, source: Payment | Refund) -> Movement:
    payment = source if isinstance(source, Payment) else source.payment
    created = _moment(source)
    rate = rate_on(payment.customer.currency, created)
    home = rounded(source.amount * rate, HOME)
    incoming = source is payment
    return Movement(
        key=key,
        source=source,
        amount=home if incoming else -home,
        fee=_fee(payment, home) if incoming else Decimal(0),
        created=created,
        available=created + AVAILABLE_AFTER,
        exchange_rate=rate,
    )


def _fee(payment: Payment, home: Decimal) -> Decimal:
    if payment.method in ("us_bank_account", "customer_balance"):
        return min(rounded(home * BANK_SHARE, HOME), BANK_FEE_MAX)
    share = CARD_SHARE if payment.customer.currency == HOME else CARD_SHARE + FOREIGN_SHARE
    return rounded(home * share, HOME) + CARD_FIXED


def payouts_of(movements: Sequence[Movement], now: datetime) -> Iterator[Payout]:
    """One payout a week of everything available; a week that would be negative waits for the next."""
    waiting = sorted(movements, key=lambda movement: movement.available)
    if not waiting:
        return
    key = 0
    moment = waiting[0].available
    last = now - timedelta(days=1) - BANK_AFTER
    while moment <= last:
        ready = tuple(movement for movement in waiting if movement.available <= moment)
        payout = Payout(key + 1, moment, moment + BANK_AFTER, ready)
        if payout.amount > 0:
            key += 1
            waiting = waiting[len(ready) :]
            yield payout
        moment += timedelta(days=PAYOUT_EVERY_DAYS)
