"""Values of options: days, limits. Pure; raises UsageError."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncctl.errors import UsageError
from syncctl.mapping.language import Guards

if TYPE_CHECKING:
    from collections.abc import Sequence


def as_day(text: str) -> date | None:
    """`2026-10-01`, the value of --since, as a day; None for no text."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--since takes a day; {text!r} is none", fix="for example: --since 2026-10-01") from error


def beginning(day: date | None, time_zone: str) -> str | None:
    """The instant that a day begins in the books' time zone, ISO-8601 UTC; None for no day."""
    if day is None:
        return None
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC).isoformat()


def as_moment(text: str, time_zone: str) -> str:
    """The value of --as-of as an instant, ISO-8601 UTC: `2026-10-31` (the end of that day in the books' time zone),
    `2026-10-31T12:00`, or `2026-10-31 12:00 UTC` as pages show it; empty for no text."""
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(re.sub(r" UTC$", "Z", text))
    except ValueError as error:
        said = f"--as-of takes a day or a time; {text!r} is none"
        raise UsageError(said, fix="for example: --as-of 2026-10-31, or --as-of 2026-10-31T12:00") from error
    if "T" not in text and " " not in text:
        found = datetime.combine(found.date(), time.max)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC).isoformat()


def as_overrides(max_changes: int | None, max_ratio: str, max_amount: Sequence[str]) -> Guards:
    """The guards that this command line overrides; a currency that is not named keeps its limit."""
    from syncctl.settings_values import parse_limit, parse_ratio

    ratio = parse_ratio(max_ratio) if max_ratio else None
    if max_ratio and ratio is None:
        said = f"--max-ratio takes a share from 0 to 100%; {max_ratio!r} is none"
        raise UsageError(said, fix="for example: --max-ratio 15%, or --max-ratio 0.15")
    amounts = []
    for text in max_amount:
        limit = parse_limit(text)
        if limit is None:
            said = f"--max-amount takes an amount with its currency; {text!r} is none"
            raise UsageError(said, fix="for example: --max-amount 500USD, once per currency")
        amounts.append(limit)
    return Guards(max_changes=max_changes, max_ratio=ratio, max_amount=tuple(amounts))
