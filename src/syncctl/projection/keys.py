"""Keys: match rules compiled. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from syncctl.comparison import (
    Compare,
    Translation,
)
from syncctl.fields.text import show
from syncctl.fields.undecodable import Several, Undecodable
from syncctl.mapping.language import Criterion, Rule
from syncctl.model import Raw, SideName
from syncctl.projection.cells import CELL, NO_VALUE
from syncctl.shortcuts import Cell
from syncctl.values.canonical import one
from syncctl.values.forms import Reading
from syncctl.values.scope import Scope

MARKER: Final = re.compile(r"\bsyncctl (\S+:\S+:\S+)")
"""How a record that this tool made names its source."""
RULES_MAX: Final = 8
"""Every rule has an indexed column of its own in the ledger (`MATCH_KEYS`)."""
Parts: TypeAlias = tuple[str | Undecodable, ...]
"""What a rule reads of a record, value by value: "" where there is none, or why it cannot be read."""
_FOUND: Final = "found"
"""What stands for a value that is compared by nearness: any two of them may be near."""


@dataclass(frozen=True, slots=True)
class Key:
    """A compiled match rule: the exact criteria make an indexed key, the others look at each candidate.

    `marker` is set on the rule that a mapping's marker makes: the side that carries it, and how it is read.
    """

    name: str
    rule: Rule | None
    left: tuple[tuple[Criterion, Reading, Compare, Translation | None], ...]
    right: tuple[tuple[Criterion, Reading, Compare, Translation | None], ...]
    left_cells: tuple[Cell, ...] = ()
    right_cells: tuple[Cell, ...] = ()
    marker: tuple[SideName, Reading] | None = None

    def text(self, side: SideName, raw: Raw, scope: Scope) -> str | None:
        """The key, or None where one of its parts is empty: empty never equals empty."""
        if self.marker is not None:
            return self._marked(side, raw, scope)
        cells = []
        try:
            for read in self.left_cells if side == "left" else self.right_cells:
                cell = read(raw, scope)
                if not cell or cell[0] in NO_VALUE:
                    return None
                cells.append(cell)
        except Undecodable:
            return None  # what cannot be read matches nothing by this rule; the field itself reports it
        return CELL.join(cells) or None

    def parts(self, side: SideName, raw: Raw, scope: Scope) -> Parts:
        """What the rule reads of a record, value by value: "" where there is none, or why it cannot be read."""
        cells = () if self.fuzzy else self.left_cells if side == "left" else self.right_cells
        criteria = self.left if side == "left" else self.right
        near = [reading for criterion, reading, *_ in criteria if not criterion.exact]
        return (*(_part(cell, raw, scope) for cell in cells), *(_near_part(each, raw, scope) for each in near))

    @property
    def length(self) -> int:
        """How many values the rule reads of a record."""
        return len(self.left)

    @property
    def fuzzy(self) -> bool:
        """True when no criterion is exact: the key is then the text to compare by likeness."""
        return self.marker is None and not any(criterion.exact for criterion, *_ in self.left)

    @property
    def residual(self) -> bool:
        """True when each candidate must be looked at."""
        return self.marker is None and not all(criterion.exact for criterion, *_ in self.left)

    def _marked(self, side: SideName, raw: Raw, scope: Scope) -> str | None:
        assert self.marker is not None
        marked, reading = self.marker
        if side != marked:
            return str(scope.ref)
        try:
            found = MARKER.search(show(reading.read(raw, scope)))
        except Undecodable:
            return None
        return found.group(1).rstrip(".,;:)") if found else None


def _part(cell: Cell, raw: Raw, scope: Scope) -> str | Undecodable:
    try:
        found = cell(raw, scope)
    except Several:
        return ""  # they can be read, and match nothing
    except Undecodable as error:
        return error
    return found if found and found[0] not in NO_VALUE else ""


def _near_part(reading: Reading, raw: Raw, scope: Scope) -> str | Undecodable:
    try:
        return "" if one(reading.read(raw, scope)) is None else _FOUND
    except Several:
        return ""
    except Undecodable as error:
        return error
