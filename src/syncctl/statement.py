"""The reconciliation statement: left + explained + unexplained = right, per mapping and currency. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from syncctl.mapping.language import Entry
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.model import StatementLine
from syncctl.shortcuts import MICROS


def statement_lines(
    mapping: MappingFile,
    left: Mapping[str, int],
    right: Mapping[str, int],
    matched: Mapping[str, int],
    gaps: Iterable[tuple[str, str, int, bool]],
) -> tuple[StatementLine, ...]:
    """One line per currency. `gaps` are (currency, what, millionths by which right has more, accepted)."""
    explained: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    unexplained: dict[str, int] = defaultdict(int)
    items: dict[str, int] = defaultdict(int)
    for currency, what, amount, accepted in gaps:
        reason = _reason(mapping, what, amount, accepted=accepted)
        if reason:
            explained[currency][reason] += amount
        else:
            unexplained[currency] += amount
            items[currency] += 1
    currencies = sorted({*left, *right, *explained, *unexplained})
    return tuple(
        StatementLine(
            mapping.name,
            currency,
            _major(left.get(currency, 0)),
            _major(right.get(currency, 0)),
            matched.get(currency, 0),
            tuple((reason, _major(amount)) for reason, amount in sorted(explained[currency].items())),
            _major(unexplained[currency]),
            items[currency],
        )
        for currency in currencies
    )


def _major(millionths: int) -> Decimal:
    amount = Decimal(millionths) / MICROS
    return amount if amount != amount.to_integral_value() else amount.quantize(Decimal(1))


def _reason(mapping: MappingFile, what: str, amount: int, *, accepted: bool) -> str:
    """Why a gap is no news: a person accepted it, or it is within the tolerance of the amount's check."""
    if accepted:
        return "accepted"
    check = _amount_check(mapping) if what == "amount" else None
    if check is None or check.tolerance is None or abs(amount) > check.tolerance * MICROS:
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
    explained = sum((amount for _, amount in line.explained), Decimal(0))
    return line.left_total + explained + line.unexplained == line.right_total
