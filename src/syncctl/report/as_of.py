"""How old the records are that a page rests on: when each system was pulled, and a warning if long ago. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from syncctl.report.text import plural, short

STALE: Final = timedelta(days=1)

Pulled = Mapping[str, str]
"""Per system the instant of its oldest pull that counts, ISO-8601."""


def as_of_text(pulled: Pulled) -> str:
    """`as of the pulls of 22 November 2026, 15:42 UTC (stripe 15:42, quickbooks 15:40)`."""
    newest = max(map(_moment, pulled.values()))
    each = ", ".join(f"{short(system)} {_beside(_moment(at), newest)}" for system, at in pulled.items())
    return f"as of the pulls of {newest:%d %B %Y, %H:%M} UTC ({each})"


def stale_text(pulled: Pulled, now: datetime) -> str:
    """Which systems were pulled more than a day ago; empty when all are fresh."""
    ages = {system: now - _moment(at) for system, at in pulled.items()}
    old = [f"{short(system)} {plural(age.days, 'day')}" for system, age in ages.items() if age > STALE]
    return f"these records are old: {', '.join(old)} since the last pull; first run: syncctl pull" if old else ""


def _beside(moment: datetime, newest: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == newest.date() else f"{moment:%d %B, %H:%M}"


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)
