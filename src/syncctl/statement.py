"""The reconciliation statement: left + what stands between = right, per mapping and currency. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from syncctl.mapping.language import Entry
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import Action, Change, Ref
from syncctl.shortcuts import MICROS
from syncctl.statement_line import Part, SideTotal, StatementLine

ACCEPTED: Final = "accepted"
"""The reason of what a person accepted with a note."""
Said: TypeAlias = Literal["", "accepted", "on hold", "open"]
"""What findings say of a gap: none speaks of it, a person accepted it, an undo put it on hold, it is open."""
SAID: Final[tuple[Said, ...]] = ("", "accepted", "on hold", "open")
"""What weighs more comes later: a cent that somebody accepted explains no hundred dollars that are on hold or open."""
What: TypeAlias = Literal["amount", "scope", "only left", "only right"]
"""Both partners have an amount; only one of them counts; a record without a partner."""
_HELD, _CORRECTING, _WAITING, _UNEXPLAINED = "\x01held", "\x01correcting", "\x01waiting", "\x01unexplained"
_LEFT_OUT = {"only left": "\x01left out of left", "only right": "\x01left out of right"}


@dataclass(frozen=True, slots=True)
class Gap:
    """One pair, or one record without a partner, by which the totals differ: right has `amount` millionths more. Of
    records that are left out it may be `items` together, whose amounts have the same sign.

    `said` by the findings about it; `settled`: the current plan corrects it; `ignored`: the mapping says that a record
    of this side without a partner is no news.
    """

    currency: str
    what: What
    amount: int
    said: Said = ""
    settled: bool = False
    ignored: bool = False
    items: int = 1


def statement_lines(
    mapping: MappingFile, left: Mapping[str, SideTotal], right: Mapping[str, SideTotal], gaps: Iterable[Gap]
) -> tuple[StatementLine, ...]:
    """One line per currency."""
    parts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
    for gap in gaps:
        part = parts[gap.currency][_heading(mapping, gap)]
        part[0] += gap.amount
        part[1] += gap.items
        part[2] += min(gap.amount, 0)
        part[3] += gap.items if gap.amount < 0 else 0
    return tuple(
        _line(mapping.name, currency, left.get(currency), right.get(currency), parts[currency])
        for currency in sorted({*left, *right, *parts})
    )


def _line(
    mapping: str, currency: str, left: SideTotal | None, right: SideTotal | None, parts: Mapping[str, Sequence[int]]
) -> StatementLine:
    made = {
        heading: Part(major(amount), items, major(lower), lowers)
        for heading, (amount, items, lower, lowers) in sorted(parts.items())
    }
    correcting, waiting, rest, held = (made.pop(key, Part()) for key in (_CORRECTING, _WAITING, _UNEXPLAINED, _HELD))
    left_out = (made.pop(_LEFT_OUT["only left"], Part()), made.pop(_LEFT_OUT["only right"], Part()))
    sides = (left or SideTotal(), right or SideTotal())
    return StatementLine(mapping, currency, *sides, tuple(made.items()), correcting, waiting, rest, left_out, held)


def major(millionths: int) -> Decimal:
    """Millionths as an amount in the currency's unit."""
    amount = Decimal(millionths) / MICROS
    return amount if amount != amount.to_integral_value() else amount.quantize(Decimal(1))


def _heading(mapping: MappingFile, gap: Gap) -> str:
    """Under what a gap is listed: its reason, else what becomes of it."""
    reason = _reason(mapping, gap)
    if reason:
        return reason
    if gap.said == "on hold":
        return _HELD
    told = gap.said == "open"
    if gap.ignored and not told:
        return _LEFT_OUT[gap.what]
    return _CORRECTING if gap.settled else _WAITING if told else _UNEXPLAINED


def _reason(mapping: MappingFile, gap: Gap) -> str:
    """Why a gap is no news: a person accepted it, or it is within the tolerance of the amount's check."""
    if gap.said == "accepted":
        return ACCEPTED
    check = _amount_check(mapping) if gap.what == "amount" else None
    if check is None or check.tolerance is None or abs(gap.amount) > check.tolerance * MICROS:
        return ""
    return check.reason or "rounding"


def _amount_check(mapping: MappingFile) -> Entry | None:
    """The entry that checks the amounts: the one of the mapping's `amount`, else the strictest, so that the tolerance
    of a tax or a fee never explains a total.
    """
    checks = [entry for entry in mapping.fields if entry.owner == "none" and entry.tolerance is not None]
    named = (str(mapping.amount.left), str(mapping.amount.right))
    exact = [entry for entry in checks if (str(entry.left), str(entry.right)) == named]
    return min(exact or checks, key=lambda entry: entry.tolerance or Decimal(0), default=None)


def foots(line: StatementLine) -> bool:
    """True when the line adds up to the last digit."""
    return footed(line) == line.right.amount


def footed(line: StatementLine) -> Decimal:
    """The left total with everything that stands between it and the right one."""
    return line.left.amount + sum((part.amount for part in line.parts), Decimal(0))


class Corrections:
    """What a plan writes, as far as it moves the totals of a statement."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._created: set[tuple[str, Ref | None]] = set()
        self._written: dict[Ref, list[Change]] = defaultdict(list)
        for change in changes:
            if change.action is Action.CREATE:
                self._created.add((change.mapping, change.source))
            else:
                self._written[change.target].append(change)

    def __bool__(self) -> bool:
        return bool(self._created or self._written)

    def settle(self, mapping: str, gap: Gap, left: Sequence[Ref], right: Sequence[Ref]) -> bool:
        """True when the gap between these records of a mapping is closed by what the plan writes."""
        if gap.what.startswith("only"):
            return any((mapping, ref) in self._created for ref in (*left, *right))
        ours, theirs = ([change for ref in refs for change in self._written.get(ref, ())] for refs in (left, right))
        if any(change.action in (Action.VOID, Action.ARCHIVE) for change in (*ours, *theirs)):
            return True
        writing = [change for change in (*ours, *theirs) if _moves_money(change)]
        if not writing or any(change.amount is None for change in writing):
            return bool(writing)  # an amount that is known only after the apply
        step = sum((_step(change) for change in theirs), Decimal(0)) - sum(map(_step, ours), Decimal(0))
        return major(gap.amount) + step == 0


def _moves_money(change: Change) -> bool:
    """True for an update that writes an amount or a line."""
    return any(edit.codec.startswith("money") or edit.codec == "object" for edit in change.edits)


def _step(change: Change) -> Decimal:
    """By how much an update moves its record's amount."""
    if change.amount is None or not _moves_money(change):
        return Decimal(0)
    return change.amount.amount - (change.amount_before.amount if change.amount_before else Decimal(0))
