"""Values of options: days, limits. Pure; raises UsageError."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncctl.errors import UsageError
from syncctl.mapping.language import Guards

if TYPE_CHECKING:
    from collections.abc import Sequence


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
