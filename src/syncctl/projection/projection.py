"""Projection: one mapping compiled, from a raw record to its canonical side. No I/O.

A side's body is cells: one per slot, then the lines of each block. Equal bodies mean nothing differs; everything else
is looked at cell by cell (diff.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from syncctl.comparison import printable
from syncctl.conditions import Check
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import Raw, Ref, SideName
from syncctl.projection.cells import BLOCK, CELL, LINE, NO_VALUE
from syncctl.projection.fresh import ref_is_fresh
from syncctl.projection.keys import Key
from syncctl.projection.lines import Lines
from syncctl.projection.side import OUT, Side
from syncctl.projection.slots import Slot
from syncctl.shortcuts import AmountReader, Cell
from syncctl.values.scope import Catalogue, Scope


@dataclass(frozen=True)
class Projection:
    """One mapping compiled against the live schemas."""

    mapping: MappingFile
    catalogue: Catalogue
    slots: tuple[Slot, ...]
    lines: tuple[Lines, ...]
    rules: tuple[Key, ...]
    where: dict[str, Check | None]
    dated: dict[str, Cell | None]
    amount: dict[str, AmountReader | None]
    names: dict[str, tuple[Cell, ...]]
    cells: dict[str, tuple[Cell, ...]]

    def project(self, side: SideName, ref: Ref, raw: Raw, source: Any, gone: str) -> Side:
        """One record of one side, canonical."""
        scope = Scope(ref, raw, source)
        dated = self._dated(side, raw, scope)
        standing, body = self._standing_and_body(side, raw, scope, gone, dated)
        amount, currency = self.amount_of(side, raw, scope)
        keys = tuple([rule.text(side, raw, scope) for rule in self.rules])
        name = self.name(side, raw, scope)
        # SQLite integers are signed 64 bit. Records that do not take part never equal their partner.
        fingerprint = (
            OUT[side]
            if standing
            else int.from_bytes(blake2b(body.encode(), digest_size=8).digest(), "big", signed=True)
        )
        return Side(standing, fingerprint, body, keys, amount, currency, dated, name, frozenset(scope.uses))

    def _standing_and_body(self, side: SideName, raw: Raw, scope: Scope, gone: str, dated: str) -> tuple[str, str]:
        """What takes part is decided by values; where one of them cannot be read, the body says why."""
        standing = ""
        try:
            standing = self._standing(side, raw, scope, gone, dated)
            return standing, self.body(side, raw, scope)
        except Undecodable as error:
            return standing or "poison", printable(str(error))

    def body(self, side: SideName, raw: Raw, scope: Scope) -> str:
        """All cells: the slots, then per block its lines, sorted, because the order of lines says nothing."""
        cells = CELL.join([cell(raw, scope) for cell in self.cells[side]])
        if not self.lines:
            return cells
        blocks = [
            LINE.join(sorted([CELL.join([cell(line, scope) for cell in block.cells[side]]) for line in lines]))
            for block, lines in self.claimed(side, raw, scope)
        ]
        return BLOCK.join([cells, *blocks])

    def claimed(self, side: SideName, raw: Raw, scope: Scope) -> list[tuple[Lines, list[Any]]]:
        """The elements of each block; an element belongs to the first block that fits it. Raises Undecodable."""
        taken: set[int] = set()  # by identity: twins are different elements
        result = []
        for block in self.lines:
            mine = [element for element in block.elements(side, raw, scope) if id(element) not in taken]
            taken.update(id(element) for element in mine if element is not raw)
            result.append((block, mine))
        return result

    def _standing(self, side: SideName, raw: Raw, scope: Scope, gone: str, dated: str) -> str:
        if gone:
            return "deleted"
        if ref_is_fresh(scope.ref, self.mapping.name):
            return ""
        state = self.catalogue.state(scope.ref, raw)
        if state in ("void", "archived", "deleted"):
            return state
        before = self.mapping.from_ is not None and dated and dated < self.mapping.from_.isoformat()
        check = self.where[side]
        try:
            if check is not None and not check(raw, scope):
                return "filtered"
        except Undecodable:
            if not before:  # what is older is never told, whatever cannot be read in it
                raise
        return "before" if before else ""

    def _dated(self, side: SideName, raw: Raw, scope: Scope) -> str:
        read = self.dated[side]
        if read is None:
            return ""
        try:
            found = read(raw, scope)
        except Undecodable:
            return ""
        return found if found[0] not in NO_VALUE else ""

    def amount_of(self, side: SideName, raw: Raw, scope: Scope) -> tuple[int | None, str]:
        """The amount in millionths and its currency; (None, "") where there is none."""
        read = self.amount[side]
        if read is None:
            return None, ""
        try:
            return read(raw, scope)
        except Undecodable:
            return None, ""

    def name(self, side: SideName, raw: Raw, scope: Scope) -> str:
        """The record's human name, or its id."""
        for read in self.names[side]:
            try:
                text = read(raw, scope)
            except Undecodable:
                continue
            if text:
                return text
        return scope.ref.id
