"""The statement's nouns: what each side adds up to, and what stands between the two totals. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SideTotal:
    """What the records of one side add up to in one currency. `matched` of them have their partner in the mapping;
    `unnamed` of them name no currency and are counted in their partner's.
    """

    amount: Decimal = Decimal(0)
    records: int = 0
    matched: int = 0
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the difference between two totals: how much more right has, over how many pairs and single records.

    `lowers` of them are below zero, `lower` in sum: opposite errors stay visible where `amount` nets them.
    """

    amount: Decimal = Decimal(0)
    items: int = 0
    lower: Decimal = Decimal(0)
    lowers: int = 0


@dataclass(frozen=True, slots=True)
class Single:
    """One side's records without a partner: `missing` on the other side, `accepted` so by a person with a note,
    `left_out` because the mapping ignores them, or `held` by an undo."""

    missing: int = 0
    accepted: int = 0
    left_out: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What was compared of a mapping without amounts: its pairs, and each side's records without a partner. A pair
    agrees unless a finding tells of it: `accepted` by a person with a note, `held` by an undo, else it differs."""

    agree: int = 0
    differ: int = 0
    accepted: int = 0
    left: Single = Single()
    right: Single = Single()
    held: int = 0

    @property
    def open(self) -> int:
        """Pairs and single records that are not as they should be."""
        return self.differ + self.left.missing + self.right.missing


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One mapping and currency. It foots: the left total and everything that stands between make the right one.

    `explained` is by reason; `correcting` is what the current plan settles, `waiting` what an open finding tells of,
    `held` what an undo put on hold.
    `left_out` are, per side, the records without a partner that the mapping ignores: nobody compares them.
    A mapping without amounts has one line, of `counts` instead.
    """

    mapping: str
    currency: str
    left: SideTotal
    right: SideTotal
    explained: tuple[tuple[str, Part], ...] = ()
    correcting: Part = Part()
    waiting: Part = Part()
    unexplained: Part = Part()
    left_out: tuple[Part, Part] = (Part(), Part())
    held: Part = Part()
    counts: Counts | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that stands between the left total and the right one."""
        reasons = (part for _, part in self.explained)
        return (*reasons, *self.left_out, self.held, self.correcting, self.waiting, self.unexplained)
