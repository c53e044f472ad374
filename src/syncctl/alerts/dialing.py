"""Refuses connections of an alert to addresses it must not reach, at the moment they are opened. I/O: none of its own.

Looking an address up before the send would not do: the plug-in looks it up again, may be redirected, and may speak to
another server than the one its URL names. Every connection of the process passes Python's audit hook; only those of a
send (a context variable, which follows into its threads) are looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

from syncctl.addresses import reach_of

OPENING: Final = frozenset({"socket.connect", "socket.sendto"})


class Refused(OSError):
    """A connection that is not allowed. The library that opens it takes it for one that failed."""


class Line:
    """What one send may reach. `refused` is what it tried and must not."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private
        self.refused = ""

    def check(self, host: str) -> None:
        """Raises Refused."""
        reach = reach_of(host)
        if reach == "never" or (reach == "private" and not self.allow_private):
            self.refused = host
            raise Refused(f"{host} must not be reached by an alert")


_line: ContextVar[Line | None] = ContextVar("line", default=None)


@contextmanager
def on(line: Line) -> Iterator[None]:
    """Everything that is opened inside, in this context, is checked."""
    _listen()
    before = _line.set(line)
    try:
        yield
    finally:
        _line.reset(before)


@cache
def _listen() -> None:
    """Once per process: a hook cannot be taken out again."""
    sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in OPENING:
        return
    line = _line.get()
    address = arguments[1] if line is not None and len(arguments) > 1 else None
    if line is not None and isinstance(address, tuple) and address:
        line.check(str(address[0]))
