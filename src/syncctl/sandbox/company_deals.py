"""What sales has in the pipeline and what became of it. No I/O."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from syncctl.sandbox.company_sales import Sales
from syncctl.sandbox.facts import Customer, Deal, Invoice, Stage, rounded

OPEN_PER_CUSTOMER: Final = 8
_PIPELINE: Final[tuple[Stage, ...]] = ("appointmentscheduled", "qualifiedtobuy", "contractsent")


def deals_of(sales: Sales, customers: Sequence[Customer], chance: random.Random, now: datetime) -> Iterator[Deal]:
    """One deal for each invoice that sales agreed, then some that have no invoice yet."""
    paid = {part.invoice.key: Decimal(0) for payment in sales.payments for part in payment.applied}
    for payment in sales.payments:
        for part in payment.applied:
            paid[part.invoice.key] += part.amount
    key = 0
    for invoice in sales.invoices:
        if invoice.key in sales.agreed:
            key += 1
            yield _won(key, invoice, paid.get(invoice.key, Decimal(0)), chance)
    for customer in customers[::OPEN_PER_CUSTOMER]:
        key += 1
        yield _hoped_for(key, customer, chance, now)


def _won(key: int, invoice: Invoice, paid: Decimal, chance: random.Random) -> Deal:
    return Deal(
        key=key,
        customer=invoice.customer,
        invoice=invoice,
        name=f"{invoice.customer.name}: {invoice.lines[0].product.name}",
        project_id=_project(key, chance),
        amount=invoice.total,
        stage="closedwon" if paid == invoice.total else "invoiced",
        closes=invoice.issued.date(),
        created=invoice.customer.created + timedelta(hours=1),
    )


def _hoped_for(key: int, customer: Customer, chance: random.Random, now: datetime) -> Deal:
    closes = now.date() + timedelta(days=chance.randint(5, 60))
    created = datetime.combine(now.date() - timedelta(days=chance.randint(2, 60)), time(14, 30), now.tzinfo)
    amount = rounded(Decimal(chance.randint(5, 200)) * 100, customer.currency)
    name = f"{customer.name}: renewal {closes.year}"
    return Deal(key, customer, None, name, _project(key, chance), amount, chance.choice(_PIPELINE), closes, created)


def _project(key: int, chance: random.Random) -> str:
    return f"PRJ-{chance.randint(100, 999)}{key:04d}"
