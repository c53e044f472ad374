"""All mappings in order to one draft of a plan, over an overlay that is rolled back. I/O: the ledger, nothing kept.

The overlay is the ledger itself inside a transaction: what a mapping plans is there for the next to see, so one dry run
shows the whole chain before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from syncctl.model import Change, Finding, Ref
from syncctl.plan.order import in_order
from syncctl.plan.planning import Planning
from syncctl.plan.registry import ChangedBack, LeftAlone, Planned, Standing
from syncctl.plan.rounds import Rounds
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.refresh import Version

UNREAD: Final = "it was written and is not read back yet: run `syncctl pull`"
"""A run that ended early leaves such records: what the ledger holds of them is from before the write."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What planning made, and what it left alone because it was changed back."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    left_alone: Mapping[LeftAlone, ChangedBack] = field(default_factory=dict)


def trouble(books: Books) -> dict[Ref, str]:
    """Records of which the ledger does not know how they stand, and why: nothing is planned from them."""
    unread = dict.fromkeys(books.records.unread(), UNREAD)
    return {**unread, **{ref: f"it cannot be read: {reason}" for ref, reason, _ in books.records.poison()}}


def draft(
    books: Books, projections: Sequence[tuple[Projection, Version]], standing: Standing, at: str, names: frozenset[str]
) -> Draft:
    """Plans all mappings in order. Of mappings not in `names` (when given) neither changes nor findings are told: they
    were not planned, so nobody can say which of them a plan corrects."""
    planned = Planned(standing, trouble(books))
    newest = books.findings.newest()
    with books.engine.overlay():
        try:
            for projection, version in projections:
                wanted = not names or projection.mapping.name in names
                Rounds(Planning(projection, books, planned, at)).run(version, wanted=wanted)
        finally:
            books.lookups.forget()
    # A number that only the overlay gave is nobody's: the ledger may give it to another finding.
    told = (one for one in planned.findings if not names or one.mapping in names)
    findings = (replace(one, number=0) if one.number > newest else one for one in told)
    return Draft(in_order(tuple(planned.changes.values())), tuple(findings), planned.left_alone)
