"""Xero's limit is so many calls in any minute: they may follow at once, until they are used up. No I/O of its own."""

from __future__ import annotations

from typing import Final

from syncctl.clock import Clock
from syncctl.connectors.base import Limits
from syncctl.connectors.http import Limiter
from syncctl.connectors.reservations import Reservations

CONCURRENT: Final = 5
"""Calls in progress per organisation (Xero's page on limits)."""
WINDOW_SECONDS: Final = 60.0


def limits(calls_per_minute: int) -> Limits:
    """The card's form of the limit; a burst is bounded by the minute alone."""
    return Limits(per_second=calls_per_minute, per_minute=calls_per_minute, concurrent=CONCURRENT)


class MinuteLimiter(Limiter):
    """No more than so many calls in any sixty seconds. The moments are the pause that was asked for, then the starts of
    the last calls.
    """

    def __init__(self, calls_per_minute: int, clock: Clock, reservations: Reservations) -> None:
        super().__init__(limits(calls_per_minute), clock, reservations)
        self._most = calls_per_minute

    def _take(self, moments: list[float], now: float) -> float:
        pause, starts = max(moments[:1], default=now), moments[1:][-self._most :]
        free = starts[0] + WINDOW_SECONDS if len(starts) == self._most else now
        start = max(pause, free, now)
        moments[:] = [pause, *[*starts, start][-self._most :]]
        return start
