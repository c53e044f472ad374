"""The served sandbox's clock: the machine's, plus an offset that can be advanced. I/O: reads the system's clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from syncctl.clock import Clock, SystemClock


@runtime_checkable
class MovableClock(Clock, Protocol):
    """A clock that can be put forward."""

    def advance(self, seconds: float) -> None:
        """From now on it is `seconds` later than before."""
        ...


class SandboxClock:
    """The machine's clocks, put forward by what `advance` was told so far. Sleeping takes real time."""

    def __init__(self, source: Clock | None = None) -> None:
        self._source = source or SystemClock()
        self._ahead_seconds = 0.0

    def now(self) -> datetime:
        return self._source.now() + timedelta(seconds=self._ahead_seconds)

    def boottime(self) -> float:
        return self._source.boottime() + self._ahead_seconds

    def sleep(self, seconds: float) -> None:
        self._source.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Raises ValueError when `seconds` is negative: no clock here runs backwards."""
        if seconds < 0:
            raise ValueError(f"a clock is only put forward, not by {seconds} seconds")
        self._ahead_seconds += seconds
