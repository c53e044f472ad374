"""SIGINT and SIGTERM: while writes are on their way the one in flight is finished first. I/O: signal handlers."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from syncctl.errors import Interrupted

WATCHED: Final = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Called by the push between writes: not 0 once somebody asked to stop.

    While `writing` is False a signal ends the command at once: reading can be cut anywhere. While it is True the first
    signal only asks; a second one does not wait any longer, and the write in flight may then be left unknown.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.number = 0
        self.writing = False
        self._say = say

    def __call__(self) -> int:
        """The exit code of the signal that asked to stop; 0 while nobody did."""
        return 128 + self.number if self.number else 0

    def take(self, number: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        if self.number or not self.writing:
            raise Interrupted(number)
        self.number = number
        self._say("finishing the write in flight; once more stops at once and may leave it unknown")


@contextmanager
def stopping(say: Callable[[str], None]) -> Iterator[Stop]:
    """Catches the signals for as long as a command runs; puts the old handlers back."""
    stop = Stop(say)
    before = {number: signal.signal(number, stop.take) for number in WATCHED}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
