"""What to do about a name or number that another record of the kind has. I/O: the ledger's overlay."""

from __future__ import annotations

from typing import Final

from syncctl.model import Ref
from syncctl.plan.planning import Planning

RENAME: Final = "give one of the two another name or number"


def when_taken(planning: Planning, holder: Ref, left: Ref | None, right: Ref | None) -> str:
    """The way out for a person; `left` and `right` are the records of the finding, of which one is missing when there
    is no partner yet. The partner of somebody else is never offered: a match would take it away from them.
    """
    if left is not None and right is not None:
        return RENAME
    mapping = planning.projection.mapping.name
    partner = planning.books.lookups.partner(mapping, holder)
    if partner is not None:
        side = "left" if left is not None else "right"
        share = f"or let both share it (`many: {side}` in mapping {mapping})"
        return f"it belongs to {partner}. {RENAME.capitalize()}, {share}"
    pair = f"{left or holder} {right or holder}"
    return f"if both are one, `syncctl match confirm {mapping} {pair}`; else {RENAME}"
