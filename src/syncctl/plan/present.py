"""Everything that is open in a mapping as people see it, without a plan. I/O: the ledger."""

from __future__ import annotations

from syncctl.model import Finding
from syncctl.plan.presenting import presented
from syncctl.plan.unreadable import unreadable
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books


def present(books: Books, projection: Projection) -> tuple[Finding, ...]:
    """The open findings of a mapping and the rows that a pull set aside, oldest first."""
    rows = books.findings.open(books.lookups.mapping_id(projection.mapping.name))
    found = [presented(books, projection, row) for row in rows]
    return tuple(sorted((*found, *unreadable(books, projection)), key=lambda each: each.since))
