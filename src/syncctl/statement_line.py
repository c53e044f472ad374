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
class StatementLine:
    """One mapping and currency. It foots: left + explained + left out + correcting + waiting + unexplained = right.

    `explained` is by reason; `correcting` is what the current plan settles, `waiting` what an open finding tells of.
    `left_out` are, per side, the records without a partner that the mapping ignores: nobody compares them.
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

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that stands between the left total and the right one."""
        reasons = (part for _, part in self.explained)
        return (*reasons, *self.left_out, self.correcting, self.waiting, self.unexplained)
