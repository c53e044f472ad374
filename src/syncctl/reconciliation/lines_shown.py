"""The lines of one side that have no equal, as a finding shows them: how many, and what stands in the first. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from syncctl.comparison import NUMBERS
from syncctl.diff import shown
from syncctl.projection.cells import CELL
from syncctl.projection.lines import Lines

SHOWN_MAX: Final = 3
"""More lines than these are only counted: `syncctl explain` shows them all."""


def lines_shown(block: Lines, lines: Sequence[str]) -> str:
    """`2 lines: Consulting, 100 EUR; Travel, 5 EUR`: what each is about, and its amounts."""
    told = [_line(block, line) for line in lines[:SHOWN_MAX]]
    more = [f"{len(lines) - SHOWN_MAX} more"] if len(lines) > SHOWN_MAX else []
    said = "; ".join([*filter(None, told), *more])
    count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    return f"{count}: {said}" if said else count


def _line(block: Lines, line: str) -> str:
    """A text of the line, and its amounts; what it refers to is a pair of another mapping and says nothing here."""
    cells = [(slot, shown(cell)) for slot, cell in zip(block.slots, line.split(CELL), strict=True)]
    about = next((value for slot, value in cells if value and slot.common not in NUMBERS and not slot.entry.link), "")
    amounts = [value for slot, value in cells if value and slot.common == "money"]
    return ", ".join(filter(None, [about, *dict.fromkeys(amounts)]))
