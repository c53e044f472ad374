"""The clocks of pretend vendors: put forward, or back at a moment that passed. I/O: reads the system's clocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


class ServerClock:
    """What a vendor reads: `source`, or a moment that has passed while a request of that moment is applied."""

    def __init__(self, source: Clock) -> None:
        self.source = source
        self._back = timedelta(0)

    def now(self) -> datetime:
        return self.source.now() - self._back

    def boottime(self) -> float:
        return self.source.boottime() - self._back.total_seconds()

    def sleep(self, seconds: float) -> None:
        self.source.sleep(seconds)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Inside it is `moment`, which has passed."""
        self._back = self.source.now() - moment
        try:
            yield
        finally:
            self._back = timedelta(0)
