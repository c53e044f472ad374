"""What the parts of Xero's view share: accounts, tax types, the tracking category, documents' heads. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.company_sales import TAX_RATES
from syncctl.sandbox.facts import Company, Customer, Invoice
from syncctl.sandbox.ids import Ids

Raw = dict[str, Any]

SALES: Final = "200"
SHIPPING: Final = "260"
REFUNDS: Final = "265"
CREDITS: Final = "270"
CLEARING: Final = "880"
"""Codes of the chart of accounts; the sandbox project's settings name the same."""
PROJECT: Final = "Project ID"
"""The tracking category that stands in for a custom field."""
TAX_TYPES: Final[Mapping[str, str]] = {state: f"TAX{number:03d}" for number, state in enumerate(TAX_RATES, start=1)}
"""Xero's tax type for a state's sales tax; the settings' table `sales_tax` says the same."""
_FOREIGN_DIGITS: Final = Decimal("0.000001")


@dataclass(frozen=True)
class View:
    """What every part needs to write its records."""

    company: Company
    planted: Planted
    ids: Ids

    def head(self, customer: Customer, moment: datetime) -> Raw:
        """What every document begins with: whose it is, when, in which currency."""
        return {
            "Contact": {"ContactID": self.ids.xero("customer", customer.key)},
            "Date": moment.date().isoformat(),
            "CurrencyCode": customer.currency,
            "LineAmountTypes": "Exclusive",
            "Status": "AUTHORISED",
        }


def rate(home_per_foreign: Decimal) -> Decimal:
    """Xero writes foreign units per unit at home: the other way round than Stripe and QuickBooks."""
    return (1 / home_per_foreign).quantize(_FOREIGN_DIGITS)


def tracked(invoice: Invoice, view: View) -> list[Raw]:
    """The project of the deal behind an invoice, as every line of it says."""
    deal = view.company.deal_of.get(invoice.key)
    project = view.planted.wrong("project_id_missing", deal.key, deal.project_id) if deal else ""
    return [{"Name": PROJECT, "Option": project}] if project else []
