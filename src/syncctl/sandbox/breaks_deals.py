"""Breaks between the books and sales: deals and their invoices. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from syncctl.sandbox.breaks_kind import Kind, always
from syncctl.sandbox.facts import Company, Deal


def _billed(company: Company) -> Iterator[Deal]:
    return (deal for deal in company.deals if deal.invoice)


def _won(company: Company) -> Iterator[Deal]:
    return (deal for deal in company.deals if deal.stage == "closedwon")


def _quoted_less(_: Company, deal: Deal) -> tuple[str, str]:
    """The amount as text, and the one sales first quoted."""
    return str(deal.amount), str(deal.amount - 1)


DEAL_KINDS: Final[tuple[Kind[Any], ...]] = (
    Kind(
        "project_id_missing",
        3,
        "corrected",
        (("deals", "Project ID"),),
        _billed,
        lambda _company, deal: (deal.project_id, ""),
        "Deal “{fact.name}” belongs to project {right}; its {books} invoice {fact.invoice.number} does not say so.",
        edits_invoice=True,
    ),
    Kind(
        "deal_number_missing",
        3,
        "corrected",
        (("deals", "QuickBooks invoice number"),),
        _billed,
        lambda _company, deal: (deal.invoice.number, ""),
        "Deal “{fact.name}” does not know its {books} invoice number {right}.",
    ),
    Kind(
        "deal_stage_stale",
        3,
        "corrected",
        (("deals", "dealstage"), ("deals", "Open balance")),
        _won,
        always("Closed won", "Invoiced"),
        "Invoice {fact.invoice.number} is paid in full, but deal “{fact.name}” still says {wrong}.",
    ),
    Kind(
        "deal_amount_differs",
        2,
        "corrected",
        (("deals", "amount"),),
        _billed,
        _quoted_less,
        "Deal “{fact.name}” says {wrong}, its invoice {fact.invoice.number} is over {right}.",
    ),
)
