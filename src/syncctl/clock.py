"""The clock that everything takes as an argument. I/O: reads the system's clocks and sleeps."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time, a clock that also counts while the machine sleeps, and waiting."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def boottime(self) -> float:
        """Seconds from an arbitrary start that never jump back and include suspended time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def boottime(self) -> float:
        source = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime(source)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
