"""The clocks of pretend vendors: standing, put forward, or back at a past moment. I/O: reads the system's clocks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, runtime_checkable

from syncctl.clock import Clock, SystemClock

START: Final = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""The night of a pretend company: always the same, so that the same seed prints the same page."""


@runtime_checkable
class MovableClock(Clock, Protocol):
    """A clock that can be put forward."""

    def advance(self, seconds: float) -> None:
        """From now on it is `seconds` later than before."""
        ...


class FakeClock:
    """Stands still until somebody waits, and then nobody has to. `time` is now; `slept` counts the seconds waited."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start
        self.slept = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self.time

    def boottime(self) -> float:
        return self.time.timestamp()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept += seconds
            self.time += timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """From now on it is `seconds` later than before."""
        with self._lock:
            self.time += timedelta(seconds=seconds)


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
