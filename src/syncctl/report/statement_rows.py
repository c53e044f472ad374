"""What stands between the two totals of a statement, row by row: a reason, what is open, what is left out. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from syncctl.report.text import short
from syncctl.statement import ACCEPTED
from syncctl.statement_line import Part, StatementLine

ON_HOLD: Final = "on hold after an undo"
CORRECTING: Final = "to be corrected"
WAITING: Final = "open findings"
UNEXPLAINED: Final = "unexplained"
NOT_COMPARED: Final = "not compared"
"""Records without a partner that the mapping ignores."""
WORDS: Final = {ACCEPTED: "accepted with a note", "": "other reasons"}
"""Reasons whose name says more than the ledger's word."""


class Row(NamedTuple):
    """One row: what it is called, with the number of pairs and single records it is about, and a part per currency."""

    called: str
    parts: tuple[Part, ...]
    unexplained: bool = False


def rows_of(lines: Sequence[StatementLine], names: tuple[str, str]) -> tuple[Row, ...]:
    """The rows of one mapping. Amounts of opposite sign never net: they are two rows."""
    found = [_parts(line, _systems(names)) for line in lines]
    ordered = dict.fromkeys(key for parts in found for key in parts)
    last = (*_left_out(_systems(names)), ON_HOLD, CORRECTING, WAITING, UNEXPLAINED)
    keys = [*(key for key in ordered if key not in last), *last]
    return tuple(row for key in keys for row in _rows(key, tuple(parts.get(key, Part()) for parts in found)))


def mixed(part: Part) -> bool:
    """True where some amounts are below zero and some are not."""
    return 0 < part.lowers < part.items


def higher(part: Part) -> Part:
    """What of a part is not below zero."""
    return Part(part.amount - part.lower, part.items - part.lowers)


def _rows(key: str, parts: tuple[Part, ...]) -> Iterator[Row]:
    unexplained = key == UNEXPLAINED
    if any(mixed(part) for part in parts):
        yield _row(f"{key}, plus", tuple(map(higher, parts)), unexplained=unexplained)
        lower = tuple(Part(part.lower, part.lowers, part.lower, part.lowers) for part in parts)
        yield _row(f"{key}, minus", lower, unexplained=unexplained)
    elif unexplained or any(part.items for part in parts):
        yield _row(key, parts, unexplained=unexplained)


def _row(key: str, parts: tuple[Part, ...], *, unexplained: bool) -> Row:
    count = sum(part.items for part in parts)
    return Row(f"{key} ({count:,})" if count else key, parts, unexplained)


def _parts(line: StatementLine, systems: tuple[str, str]) -> dict[str, Part]:
    """The parts of a line by what they are called."""
    reasons = {WORDS.get(reason, reason): part for reason, part in line.explained}
    left_out = dict(zip(_left_out(systems), line.left_out, strict=True))
    standing = {ON_HOLD: line.held, CORRECTING: line.correcting, WAITING: line.waiting, UNEXPLAINED: line.unexplained}
    return reasons | left_out | standing


def _left_out(systems: tuple[str, str]) -> tuple[str, str]:
    return f"{NOT_COMPARED}, {systems[0]}", f"{NOT_COMPARED}, {systems[1]}"


def _systems(names: tuple[str, str]) -> tuple[str, str]:
    """What tells the two sides apart in few words: their systems, else left and right."""
    left, right = (short(name.partition(" ")[0]) for name in names)
    return (left, right) if left != right else ("left", "right")
