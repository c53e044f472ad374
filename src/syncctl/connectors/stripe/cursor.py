"""The cursor of a pull: which stretches of which list are still to be read. No I/O.

full:FILTER   the whole list, newest first: `position` is the last id read, `until` when that record was made
new:FILTER    records made since `since`, read the same way
events        events since `since`, newest first
since         where the next pull begins; the only window of a pull that is done, but for:
pending       the oldest record (made at `since`) whose change of status no event will announce
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from syncctl.connectors.stripe.card import EVENT_DAYS
from syncctl.connectors.stripe.kinds import Filter, Kind
from syncctl.model import Window

FULL: Final = "full"
NEW: Final = "new"
EVENTS: Final = "events"
SINCE: Final = "since"
PENDING: Final = "pending"


def text_of(moment: datetime | int) -> str:
    """An instant as a window keeps it."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment, UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def seconds_of(text: str) -> int:
    """The Unix time of a window's instant; a day without a time (`--since 2026-11-01`) begins at midnight UTC."""
    return int(_instant(text).timestamp())


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def begin_full(kind: Kind, now: datetime) -> tuple[Window, ...]:
    """Everything, and from now on the events."""
    return (*(Window(_named(FULL, one)) for one in kind.filters), Window(SINCE, since=text_of(now)))


def begin_since(kind: Kind, windows: Sequence[Window], now: datetime, overlap_seconds: int) -> tuple[Window, ...]:
    """What was made since the last pull, then what older records had happen to them."""
    start = text_of(_last(windows, SINCE) - timedelta(seconds=overlap_seconds))
    oldest = min([start, *(window.since for window in windows if window.name == PENDING)])
    fresh = [Window(_named(NEW, one), since=oldest) for one in kind.filters]
    events = [Window(EVENTS, since=start)] if kind.events else []
    return (*fresh, *events, Window(SINCE, since=text_of(now)))


def unfinished(windows: Sequence[Window]) -> bool:
    """True when a pull was cut short."""
    return any(window.name not in (SINCE, PENDING) for window in windows)


def expired(kind: Kind, windows: Sequence[Window], now: datetime) -> bool:
    """True when the events between the cursor and now are no longer all there: only a full pull closes the gap.

    A day earlier than Stripe's own limit: the walk goes from the newest event to the oldest and takes its time.
    """
    if not any(window.name == SINCE for window in windows):
        return True
    starts = [window.since for window in windows if window.name in (SINCE, EVENTS)]
    return bool(kind.events) and min(starts) < text_of(now - timedelta(days=EVENT_DAYS - 1))


def current(windows: Sequence[Window]) -> Window:
    """The stretch that is read next; only for an unfinished cursor."""
    return next(window for window in windows if window.name not in (SINCE, PENDING))


def advanced(windows: Sequence[Window], position: str, until: int) -> tuple[Window, ...]:
    """The cursor after a page that ended with this record."""
    here = current(windows)
    moved = replace(here, position=position, until=text_of(until) if until else here.until)
    return tuple(moved if window is here else window for window in windows)


def restarted(windows: Sequence[Window]) -> tuple[Window, ...]:
    """The cursor when the record at its position is gone: on from the moment that record was made."""
    here = current(windows)
    return tuple(replace(here, position="") if window is here else window for window in windows)


def closed(windows: Sequence[Window]) -> tuple[Window, ...]:
    """The cursor without the stretch that was just read to its end."""
    here = current(windows)
    return tuple(window for window in windows if window is not here)


def with_pending(windows: Sequence[Window], made: Sequence[int]) -> tuple[Window, ...]:
    """The cursor that remembers the oldest of these unsettled records."""
    if not made:
        return tuple(windows)
    known = [window.since for window in windows if window.name == PENDING]
    oldest = min([text_of(min(made)), *known])
    return (*(window for window in windows if window.name != PENDING), Window(PENDING, since=oldest))


def filter_of(window: Window) -> Filter:
    """The list parameters that a window's name carries."""
    _, _, text = window.name.partition(":")
    return tuple((name, value) for name, _, value in (part.partition("=") for part in text.split("&") if part))


def _named(name: str, given: Filter) -> str:
    text = "&".join(f"{key}={value}" for key, value in given)
    return f"{name}:{text}" if text else name


def _last(windows: Sequence[Window], name: str) -> datetime:
    return _instant(next(window.since for window in windows if window.name == name))
