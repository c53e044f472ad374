"""What an unmatched record says by itself, so that an accepted one stays accepted while it is the same. No I/O.

A reference is projected as the pair it belongs to. When the customer of an accepted invoice finds a partner, the
invoice's side is another, and the invoice is not: such cells are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from syncctl.diff import split_body
from syncctl.model import SideName, digest
from syncctl.projection.cells import CELL
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot

Content: TypeAlias = Callable[[int, str], str]
"""From a side's hash and body to a text that changes with the record's own values."""


def own_content(projection: Projection, side: SideName) -> Content:
    """How the records of a side tell that they changed."""
    cells = _own(projection.slots, side)
    blocks = [_own(block.slots, side) for block in projection.lines]
    whole = len(cells) == len(projection.slots)
    if whole and all(len(own) == len(block.slots) for own, block in zip(blocks, projection.lines, strict=True)):
        return lambda fingerprint, _body: str(fingerprint)

    def content(_fingerprint: int, body: str) -> str:
        held, listed = split_body(body, len(blocks))
        lines = [
            sorted(_chosen(line.split(CELL), own) for line in part) for part, own in zip(listed, blocks, strict=True)
        ]
        return digest(_chosen(held, cells), *(text for block in lines for text in ("", *block)))[:16]

    return content


def _own(slots: Sequence[Slot], side: SideName) -> tuple[int, ...]:
    """The numbers of the cells that look at no other record."""
    return tuple(number for number, slot in enumerate(slots) if not (slot.entry.link or _looks_away(slot, side)))


def _looks_away(slot: Slot, side: SideName) -> bool:
    """True for a path through a reference or to a partner; a state (no field at all) is the record's own."""
    parts = slot.reading(side).parts
    return any(part.hops > 1 or (part.first is None and part.field is not None) for part in parts)


def _chosen(cells: Sequence[str], own: Sequence[int]) -> str:
    return CELL.join(cells[number] for number in own if number < len(cells))
