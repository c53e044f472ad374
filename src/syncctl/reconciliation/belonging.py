"""Which open findings are one thing: a total and the lines that it follows from. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Final, TypeAlias

from syncctl.ledger.findings import OpenFinding
from syncctl.projection.cells import CELL
from syncctl.projection.projection import Projection
from syncctl.reconciliation.judging import field_name

TOTALS: Final = frozenset({"amount", "tax"})
"""Reasons of the checks of what a vendor adds up from lines."""
Apart: TypeAlias = dict[str, Decimal]
"""Left less right, by currency."""


def belonging(projection: Projection, rows: Sequence[OpenFinding], number: int) -> list[OpenFinding]:
    """The other findings that are one thing with finding `number`: the lines of a pair and the totals that are off by
    exactly what those lines are. Empty where the two say different things.
    """
    this = next((row for row in rows if row.number == number), None)
    if this is None or this.records is None:
        return []
    near = [row for row in rows if (row.subject, row.records) == (this.subject, this.records)]
    lines = [row for row in near if "lines" in row.body]
    totals = [row for row in near if row.body.get("result") == "report" and row.body.get("reason") in TOTALS]
    whole = next((each for each in _wholes(projection, lines, totals)), [])
    return [row for row in whole if row is not this] if this in whole else []


def _wholes(
    projection: Projection, lines: Sequence[OpenFinding], totals: Sequence[OpenFinding]
) -> Iterator[list[OpenFinding]]:
    """Lines with a total that follows from them, alone or with the tax on them."""
    taxes = [row for row in totals if row.body["reason"] == "tax"]
    for each in product(*(_lines_apart(projection, row) for row in lines)):
        net = _added(each)
        gross = _added([net, *map(_apart, taxes)])
        for total in totals if net else ():
            if _apart(total) == net:
                yield [*lines, total]
            elif total not in taxes and _apart(total) == gross:
                yield [*lines, *taxes, total]


def _apart(row: OpenFinding) -> Apart:
    return _less([row.body.get("left", "")], [row.body.get("right", "")])


def _lines_apart(projection: Projection, row: OpenFinding) -> Iterator[Apart]:
    """How far the lines of a block are apart, by each of its amounts."""
    block = next((each for each in projection.lines if each.name == field_name(row.field)), None)
    left, right = json.loads(row.body["lines"])
    for place, slot in enumerate(block.slots if block is not None else ()):
        if slot.common == "money":
            yield _less(*([line.split(CELL)[place] for line in side] for side in (left, right)))


def _less(left: Sequence[str], right: Sequence[str]) -> Apart:
    apart: Apart = {}
    for sign, cells in ((1, left), (-1, right)):
        for cell in cells:
            amount, currency = _amount(cell)
            apart[currency] = apart.get(currency, Decimal(0)) + sign * amount
    return {currency: amount for currency, amount in apart.items() if amount}


def _added(parts: Sequence[Apart]) -> Apart:
    found: Apart = {}
    for part in parts:
        for currency, amount in part.items():
            found[currency] = found.get(currency, Decimal(0)) + amount
    return {currency: amount for currency, amount in found.items() if amount}


def _amount(cell: str) -> tuple[Decimal, str]:
    """A canonical amount as number and currency; nothing for what is no amount."""
    number, _, currency = cell.partition(" ")
    try:
        return Decimal(number), currency
    except InvalidOperation:
        return Decimal(0), ""
