"""The moments that a limit has given away, kept in this process or by every process on a ledger. I/O: a small file."""

from __future__ import annotations

import fcntl
import math
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from syncctl.clock import Clock
from syncctl.errors import LedgerError

BOOT_SECONDS: Final = 60.0
"""The time of one boot, told twice, differs by less; a clock that was put right by more starts the limit anew."""
AHEAD_SECONDS_MAX: Final = 3_600.0
"""No limit gives moments away further ahead: a pause is 90 seconds at most, and behind it wait only a few slots."""
_MOMENT: Final = struct.Struct("=d")


class Reservations:
    """In this process: `with` locks them and gives the list, which is kept as it is at the end of the block.

    What stands in the list is the limiter's own; moments are seconds of the clock's `boottime`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moments: list[float] = []

    def __enter__(self) -> list[float]:
        self._lock.acquire()
        return self._moments

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class SharedReservations(Reservations):
    """In a file that every process on the ledger opens, under a lock that ends with its process, however that dies.

    It holds when the machine was started, then the moments: after another start they mean nothing. The file is opened
    each time, so deleting it starts the limit anew, like anything in it that cannot be. Raises LedgerError.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__()
        self._path = path
        self._clock = clock
        self._descriptor = -1
        self._bytes = 0

    def __enter__(self) -> list[float]:
        moments = super().__enter__()
        try:
            moments[:] = self._read()
        except BaseException as error:
            self._close()
            if isinstance(error, OSError):
                raise self._trouble(error) from error
            raise
        return moments

    def __exit__(self, *_: object) -> None:
        try:
            kept = b"".join(map(_MOMENT.pack, (self._booted(), *self._moments)))
            os.pwrite(self._descriptor, kept, 0)
            if len(kept) < self._bytes:
                os.ftruncate(self._descriptor, len(kept))
        except OSError as error:
            raise self._trouble(error) from error
        finally:
            self._close()

    def _read(self) -> list[float]:
        self._descriptor = self._open()
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._bytes = os.fstat(self._descriptor).st_size
        kept = os.pread(self._descriptor, self._bytes, 0)
        if not kept or len(kept) % _MOMENT.size:
            return []
        booted, *moments = (value for (value,) in _MOMENT.iter_unpack(kept))
        latest = self._clock.boottime() + AHEAD_SECONDS_MAX
        same_boot = abs(booted - self._booted()) < BOOT_SECONDS
        return moments if same_boot and all(-math.inf < moment <= latest for moment in moments) else []

    def _booted(self) -> float:
        return self._clock.now().timestamp() - self._clock.boottime()

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._path, flags, 0o600)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1
        super().__exit__()

    def _trouble(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"the rate limit's file {self._path} cannot be used: {error.strerror}",
            fix="check the folder's permissions and the disk; the file may be deleted",
        )


def own_reservations(_limit: str) -> Reservations:
    """For a connector that no project made: nobody else is on its limits."""
    return Reservations()


def reservations_beside(ledger: Path | None, system: str, clock: Clock) -> Callable[[str], Reservations]:
    """One system's reservations, by the name of the limit (empty: the system's main one); in memory with the ledger."""
    if ledger is None:
        return own_reservations

    def beside(limit: str) -> Reservations:
        name = f"{system}.{limit}" if limit else system
        return SharedReservations(ledger.with_name("limits") / name, clock)

    return beside
