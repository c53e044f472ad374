"""Dates as Xero writes and reads them. No I/O."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_MS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def written(moment: datetime) -> str:
    """`/Date(1563753600000+0000)/`."""
    return f"/Date({(moment - _EPOCH) // timedelta(milliseconds=1)}+0000)/"


def written_day(day: date) -> str:
    """A calendar date: midnight in UTC of that day, wherever the organisation is."""
    return written(datetime(day.year, day.month, day.day, tzinfo=UTC))


def moment_of(text: str) -> datetime:
    """The moment that a stored text says. Raises ValueError."""
    found = _MS.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date: {text!r}")
    return _EPOCH + timedelta(milliseconds=int(found[1]))


def day_of(value: Any) -> date:
    """The day that a client means: ISO text with or without a time, or Xero's own form. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"not a date: {value!r}")
    if _MS.fullmatch(value):
        return moment_of(value).date()
    return datetime.fromisoformat(value).date()


def since_of(text: str) -> datetime:
    """What If-Modified-Since says: ISO text, in UTC where it has no offset, or an HTTP date. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = parsedate_to_datetime(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def shown(day: date) -> str:
    """A day as Xero's sentences say it."""
    return f"{day.day} {day:%B %Y}"
