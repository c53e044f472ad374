"""Project, match, judge: brings one mapping up to date in the caller's transaction. I/O: the ledger.

Runs the same on the real ledger and inside the planner's overlay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.ledger.passes import Pass
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.judging import judge_pairs
from syncctl.reconciliation.pairing import Matched, match
from syncctl.reconciliation.unmatched import unmatched


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one pass over a mapping did."""

    projected: int
    paired: int
    judged: int


PROJECTION_VERSION: Final = 3
"""Raised whenever what projecting makes of a record changes: sides are then made anew."""


@dataclass(frozen=True, slots=True)
class Version:
    """`sides` changes when a side must be projected anew, `verdicts` also when only judging changed."""

    sides: str
    verdicts: str


PASSES_MAX: Final = 4
"""A person's match brings in a record that had no side yet: it is projected in a second pass."""


def refresh(books: Books, projection: Projection, version: Version, at: str) -> Refreshed:
    """Brings one mapping up to date: what changed since the last pass, everything when the mapping or a schema did."""
    mapping = books.lookups.mapping_id(projection.mapping.name)
    books.lookups.forget()
    done = _pass(books, projection, mapping, version, at)
    for _ in range(PASSES_MAX):
        if not books.passes.waiting(mapping):
            break
        more = _pass(books, projection, mapping, version, at)
        done = Refreshed(done.projected + more.projected, done.paired + more.paired, done.judged + more.judged)
    books.holds.quiet(mapping)
    return done


def _pass(books: Books, projection: Projection, mapping: int, version: Version, at: str) -> Refreshed:
    last = books.passes.last(mapping)
    newest = books.passes.newest()
    fresh = last.sides != version.sides
    rejudge = fresh or last.verdicts != version.verdicts
    if not rejudge and newest <= last.seen and not books.passes.waiting(mapping):
        return Refreshed(0, 0, 0)
    projected, concerned = books.sides.project(mapping, projection, last.seen, fresh=fresh)
    if rejudge:
        books.pairs.forget_agreed(mapping)  # what was agreed under another mapping is judged by this one
    outcome = match(books, projection, mapping, at) if projected or rejudge else Matched()
    judged = judge_pairs(books, projection, mapping, None if rejudge else concerned | outcome.pairs, at)
    if projected or rejudge:
        edited_at = last.seen if fresh and last.sides else None
        books.findings.replace_unmatched(mapping, unmatched(books, projection, mapping, outcome, edited_at), at)
    books.passes.set(mapping, Pass(version.sides, version.verdicts, newest))
    return Refreshed(projected, len(outcome.pairs), judged)
