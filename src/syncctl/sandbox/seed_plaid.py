"""Writes the bank's view of the pretend company: the payouts that have arrived. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncctl.sandbox.facts import HOME, Company

if TYPE_CHECKING:
    from syncctl.sandbox.plaid import PlaidSandbox

FROM_STRIPE: Final = "STRIPE TRANSFER"


def seed_plaid(vendor: PlaidSandbox, company: Company) -> None:
    """Fills the account of a pretend bank; at Plaid money that comes in is negative."""
    for payout in company.payouts:
        if payout.arrives <= company.now:
            day = payout.arrives.date().isoformat()
            body = {"amount": -payout.amount, "date": day, "authorized_date": day, "name": FROM_STRIPE}
            vendor.seed("transaction", {**body, "iso_currency_code": HOME})
