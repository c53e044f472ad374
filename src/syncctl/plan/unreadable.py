"""Rows that a pull had to set aside, as findings of the mappings they belong to. I/O: the ledger.

They are made from the ledger's list of such rows and never stored: the row may have no record that a finding could
stand on, and it is news exactly as long as it is on that list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from syncctl.ledger.sides import SIDES
from syncctl.model import Finding, FindingKind, Ref, SideName
from syncctl.plan.presenting import name_of
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.unmatched import unmatched_meanwhile

WHAT_NOW: Final = "nothing is read from it or written to it meanwhile; {do}"
CORRECT: Final = "correct it in {system}, then pull again"
ALL_FAIL: Final = (
    "no {system} {kind} of {count:,} can be read, so it is hardly the records: if a file in systems/ declares {system},"
    " correct the type of the field there, then pull again"
)


def unreadable(books: Books, projection: Projection) -> tuple[Finding, ...]:
    """The rows of a mapping's two kinds that could not be read when they were last pulled."""
    found = books.records.poison()
    todo = {projection.mapping.side(side): _what_to_do(books, found, *projection.mapping.side(side)) for side in SIDES}
    return tuple(
        _finding(books, projection, side, ref, f"{reason}; {todo[ref.system, ref.kind]}", since)
        for ref, reason, since in found
        for side in SIDES
        if projection.mapping.side(side) == (ref.system, ref.kind)
    )


def _what_to_do(books: Books, found: Sequence[tuple[Ref, str, str]], system: str, kind: str) -> str:
    """What a person does about unreadable rows of a kind. Where none of several can be read, all for one cause (what
    stands before the colon of their reasons), the rows are all right.
    """
    rows = [(ref, reason) for ref, reason, _ in found if (ref.system, ref.kind) == (system, kind)]
    known = sum(books.records.number_of(ref) is not None for ref, _ in rows)
    one_cause = len({reason.partition(":")[0] for _, reason in rows}) == 1
    every = len(rows) > 1 and one_cause and books.records.count(system, kind) <= known
    do = (ALL_FAIL if every else CORRECT).format(system=system, kind=kind, count=len(rows))
    return WHAT_NOW.format(do=do)


def _finding(books: Books, projection: Projection, side: SideName, ref: Ref, why: str, since: str) -> Finding:
    mapping = projection.mapping.name
    partner = books.lookups.partner(mapping, ref)
    left, right = (ref, partner) if side == "left" else (partner, ref)
    hint = why
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
