"""A company of a few customers, cut out of the pretend one, so that a night takes milliseconds. No I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from syncctl.sandbox.company import build_company
from syncctl.sandbox.facts import Company, Payment

CUSTOMERS: Final = 3
OPEN_DEALS: Final = 1


def tiny_company(now: datetime) -> Company:
    """Three customers in US dollars with one invoice each, what was paid on those, and a deal nobody has billed."""
    whole = build_company(now, seed=1, scale=0.01)
    buyers = [one for one in whole.customers if one.currency == "USD" and one.company and one.key in whole.invoices_of]
    invoices = tuple(whole.invoices_of[one.key][0] for one in buyers[:CUSTOMERS])
    billed = {one.key for one in invoices}
    payments = tuple(
        one for one in whole.payments if one.applied and all(part.invoice.key in billed for part in one.applied)
    )
    paid = {one.key for one in payments}
    moved = (one for one in whole.movements if isinstance(one.source, Payment) and one.source.key in paid)
    unbilled = [one for one in whole.deals if one.invoice is None and one.customer.currency == "USD"]
    deals = [one for one in whole.deals if one.invoice is not None and one.invoice.key in billed]
    deals += unbilled[:OPEN_DEALS]
    known = {one.key for one in buyers[:CUSTOMERS]} | {one.customer.key for one in deals}
    return replace(
        whole,
        customers=tuple(one for one in whole.customers if one.key in known),
        leads=(),
        invoices=invoices,
        payments=payments,
        refunds=(),
        credit_notes=(),
        movements=tuple(moved),
        payouts=(),
        deals=tuple(deals),
    )
