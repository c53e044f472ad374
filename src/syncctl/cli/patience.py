"""A wait that nobody would see, told once: with -q a person at a terminal hears of it. I/O: through its clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from syncctl.clock import Clock

SECONDS_UNTOLD_MAX: Final = 10.0
"""As long as nobody wonders: rate limits pause for fractions of a second, again and again."""
WAITING: Final = (
    "waiting for a vendor: its rate limit, no answer yet, or a write that must be looked for first."
    " It goes on by itself; without -q each wait is told. Ctrl-C is safe"
)


class PatientClock:
    """The clock it is given; once a command has waited for longer than nobody wonders, it says so, once."""

    def __init__(self, clock: Clock, say: Callable[[str], None]) -> None:
        self._clock = clock
        self._say = say
        self._lock = threading.Lock()
        self._waited = 0.0
        self._told = False

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return self._clock.now()

    def boottime(self) -> float:
        """Seconds that never jump back."""
        return self._clock.boottime()

    def sleep(self, seconds: float) -> None:
        """Waits, and says so before a wait that is long, or makes the waits long altogether."""
        with self._lock:
            self._waited += seconds
            due = self._waited > SECONDS_UNTOLD_MAX and not self._told
            self._told = self._told or due
        if due:
            self._say(WAITING)
        self._clock.sleep(seconds)
