"""A process on a shared limit, for test_limiter_shared.py: `limited.py FILE DEED [ARGUMENT]`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from syncctl.clock import SystemClock
from syncctl.connectors.base import Limits
from syncctl.connectors.http import Limiter
from syncctl.connectors.reservations import SharedReservations

PER_SECOND = 50


def go(path: Path, deed: str, argument: float) -> None:
    """`send` as much as the limit lets through in so many seconds, `pause` everybody, or `die` holding the lock."""
    clock = SystemClock()
    reservations = SharedReservations(path, clock)
    limiter = Limiter(Limits(PER_SECOND), clock, reservations)
    if deed == "pause":
        limiter.pause(argument)
    elif deed == "die":
        with reservations:
            os.kill(os.getpid(), signal.SIGKILL)
    else:
        print("ready", flush=True)
        sys.stdin.readline()
        end = clock.boottime() + argument
        while clock.boottime() < end:
            with limiter:
                print(clock.boottime())


if __name__ == "__main__":
    go(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 0.0)
