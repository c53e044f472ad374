"""Lines: the blocks of a mapping compiled. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from syncctl.conditions import Check
from syncctl.mapping.language import Block
from syncctl.model import Raw, SideName
from syncctl.projection.keys import Key
from syncctl.projection.slots import Slot
from syncctl.shortcuts import Cell
from syncctl.values.scope import Scope


@dataclass(frozen=True, slots=True)
class Lines:
    """One compiled block. `elements` are those of a side that it speaks of; `name` tells it from all others.

    `cells` are those of its slots, by side.
    """

    block: Block
    name: str
    slots: tuple[Slot, ...]
    rules: tuple[Key, ...]
    left_elements: Callable[[Raw, Scope], list[Any]] | None
    right_elements: Callable[[Raw, Scope], list[Any]]
    left_check: Check | None
    right_check: Check | None
    cells: Mapping[str, tuple[Cell, ...]]

    def elements(self, side: SideName, raw: Raw, scope: Scope) -> list[Any]:
        """The elements of one side that this block speaks of. Without `left`, the record is its own single line."""
        check = self.left_check if side == "left" else self.right_check
        reader = self.left_elements if side == "left" else self.right_elements
        found = [raw] if reader is None else reader(raw, scope)
        return found if check is None else [element for element in found if check(element, scope)]
