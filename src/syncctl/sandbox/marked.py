"""Which documents of the books carry the tool's marker: those that it wrote itself, not those typed in. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.facts import Company, Invoice
from syncctl.sandbox.ids import Ids, marker

SALES_DAYS: Final = 30
"""Since then the tool writes the invoices."""
MONEY_DAYS: Final = 45
"""Since then it writes payments and credit notes."""


def invoice_marker(invoice: Invoice, company: Company, planted: Planted, ids: Ids) -> str:
    """The marker of an invoice; empty where somebody typed it in, or where it is planted as not linked."""
    unmarked = any(planted.has(kind, invoice.key) for kind in ("invoice_tie", "invoice_unlinked"))
    if unmarked or company.days_ago(invoice.issued) > SALES_DAYS:
        return ""
    return marker("invoice", ids.stripe("in", invoice.key))
