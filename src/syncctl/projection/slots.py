"""Slots: one entry each, compiled; of entries that write one place, the first whose conditions hold speaks. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from syncctl.comparison import (
    Compare,
    Translation,
)
from syncctl.conditions import Check
from syncctl.mapping.language import Entry
from syncctl.model import SideName
from syncctl.shortcuts import Cell
from syncctl.values.forms import Reading
from syncctl.values.scope import Scope


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell: one entry, compiled. `after` are the numbers of earlier slots that write the same place: while one of
    them speaks, this one is silent. `name` tells it from all others that can speak beside it.
    """

    entry: Entry
    name: str
    left: Reading
    right: Reading
    left_check: Check | None
    right_check: Check | None
    common: str
    table: Translation | None
    raw_compare: Compare
    left_cell: Cell
    right_cell: Cell
    after: tuple[int, ...] = ()

    def reading(self, side: SideName) -> Reading:
        """The compiled form of one side."""
        return self.left if side == "left" else self.right

    def speaks(self, side: SideName, raw: Any, scope: Scope) -> bool:
        """Whether the entry speaks, as far as this side can tell."""
        check = self.left_check if side == "left" else self.right_check
        return check is None or check(raw, scope)


def speaking(slots: Sequence[Slot], side: SideName, raw: Any, scope: Scope) -> Iterator[tuple[int, Slot]]:
    """The slots that speak, with their numbers, as far as one side can tell: all of what a new record is made from."""
    spoken: set[int] = set()
    for number, slot in enumerate(slots):
        if spoken.isdisjoint(slot.after) and slot.speaks(side, raw, scope):
            spoken.add(number)
            yield number, slot
