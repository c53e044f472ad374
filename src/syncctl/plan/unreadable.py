"""Rows that a pull had to set aside, as findings of the mappings they belong to. I/O: the ledger.

They are made from the ledger's list of such rows and never stored: the row may have no record that a finding could
stand on, and it is news exactly as long as it is on that list.
"""

from __future__ import annotations

from typing import Final

from syncctl.ledger.sides import SIDES
from syncctl.model import Finding, FindingKind, Ref, SideName
from syncctl.plan.presenting import name_of
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.unmatched import unmatched_meanwhile

WHAT_NOW: Final = "nothing is read from it or written to it meanwhile; correct it in {system}, then pull again"


def unreadable(books: Books, projection: Projection) -> tuple[Finding, ...]:
    """The rows of a mapping's two kinds that could not be read when they were last pulled."""
    return tuple(
        _finding(books, projection, side, ref, reason, since)
        for ref, reason, since in books.records.poison()
        for side in SIDES
        if projection.mapping.side(side) == (ref.system, ref.kind)
    )


def _finding(books: Books, projection: Projection, side: SideName, ref: Ref, reason: str, since: str) -> Finding:
    mapping = projection.mapping.name
    partner = books.lookups.partner(mapping, ref)
    left, right = (ref, partner) if side == "left" else (partner, ref)
    hint = f"{reason}; {WHAT_NOW.format(system=ref.system)}"
    if books.records.number_of(ref) is None:  # it was never read: no rule can match it
        hint = f"{hint}; {unmatched_meanwhile(projection, side)}"
    return Finding(
        mapping,
        FindingKind.POISON,
        left,
        right,
        since=since,
        name=name_of(books, projection, left, right),
        hint=hint,
    )
