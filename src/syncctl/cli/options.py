"""Values of options: days, periods, limits. Pure; raises UsageError."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from syncctl.errors import UsageError
from syncctl.mapping.language import Guards

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


def as_day(text: str, time_zone: str) -> str | None:
    """`2026-10-01` as the instant that day begins in the books' time zone, ISO-8601 UTC; None for no text."""
    if not text:
        return None
    begins = datetime.combine(_day(text), time(), ZoneInfo(time_zone))
    return begins.astimezone(UTC).isoformat()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", fix="write it as 2026-10-01") from error


def as_period(text: str) -> tuple[date, date] | None:
    """`2026-10` or `2026-10-01..2026-10-15` as first and last day; None for no text."""
    if not text:
        return None
    month = _MONTH.fullmatch(text)
    if month and 1 <= int(month[2]) <= 12 and int(month[1]) >= 1:
        year, number = int(month[1]), int(month[2])
        return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError(f"{text!r} is no period", fix="write a month, 2026-10, or two days, 2026-10-01..2026-10-15")
    found = _day(first), _day(last)
    if found[0] > found[1]:
        raise UsageError(f"the period {text!r} ends before it begins", fix="write the earlier day first")
    return found


def as_overrides(max_changes: int | None, max_ratio: str, max_amount: Sequence[str]) -> Guards:
    """The guards that this command line overrides; a currency that is not named keeps its limit."""
    from syncctl.settings_values import parse_limit, parse_ratio

    ratio = parse_ratio(max_ratio) if max_ratio else None
    if max_ratio and ratio is None:
        raise UsageError(f"{max_ratio!r} is no share", fix="write --max-ratio 15% or --max-ratio 0.15")
    amounts = []
    for text in max_amount:
        limit = parse_limit(text)
        if limit is None:
            raise UsageError(f"{text!r} is no amount", fix="write --max-amount 500USD, once per currency")
        amounts.append(limit)
    return Guards(max_changes=max_changes, max_ratio=ratio, max_amount=tuple(amounts))
