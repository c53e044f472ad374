"""SIGINT and SIGTERM: a write in flight is finished first, and a person is told what holds. I/O: signal handlers."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from syncctl.errors import Interrupted

WATCHED: Final = (signal.SIGINT, signal.SIGTERM)
SAID: Final = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
NOTHING: Final = "no record was written at any vendor"
READING: Final = (
    "nothing was written {where}; the records that arrived are kept, and the next pull goes on after them."
    " Next: syncctl {again}"
)
ASKED: Final = (
    "nothing was written of this plan; it is kept in the ledger. Next: syncctl apply {plan}, or syncctl reconcile to"
    " look anew"
)
SENDING: Final = (
    "the write in flight may have arrived or not. Nothing is written twice: the next run asks the vendor about it"
    " before it does anything else. Next: syncctl runs list, which names the run to go on with"
)
"""What holds when a signal ends a command at once, and what to type."""


class Stop:
    """Called by the push between writes: not 0 once somebody asked to stop.

    While `writing` is False a signal ends the command at once: reading can be cut anywhere. While it is True the first
    signal only asks; a second one does not wait any longer, and the write in flight may then be left unknown.
    `holds` is what to say when reading is cut: what was not done, what is kept, what to type next.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.number = 0
        self.writing = False
        self.holds = NOTHING
        self._say = say

    def __call__(self) -> int:
        """The exit code of the signal that asked to stop; 0 while nobody did."""
        return 128 + self.number if self.number else 0

    def take(self, number: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        if self.number or not self.writing:
            raise Interrupted(number)
        self.number = number
        self._say("stopping: the write in flight is finished first; once more stops at once and may leave it unknown")

    def last_words(self, number: int) -> str:
        """What a person is told who ended the command at once."""
        holds = SENDING if self.writing else self.holds
        return f"{SAID[signal.Signals(number)]}: {holds}"


@contextmanager
def stopping(say: Callable[[str], None], holds: str = NOTHING) -> Iterator[Stop]:
    """Catches the signals for as long as a command runs; puts the old handlers back. A command that one of them ends at
    once says what holds then. May be nested: the innermost speaks.
    """
    stop = Stop(say)
    stop.holds = holds
    before = {number: signal.signal(number, stop.take) for number in WATCHED}
    try:
        yield stop
    except Interrupted as error:
        if not error.told:
            say(stop.last_words(error.exit_code - 128))
            error.told = True
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
