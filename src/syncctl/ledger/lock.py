"""One run at a time per ledger, by a lock of the operating system: it ends with its process, however that dies.
I/O: a file beside the ledger."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from syncctl.clock import Clock
from syncctl.errors import LedgerError, LockedError


@contextmanager
def locked(ledger: Path | None, run: str, clock: Clock) -> Iterator[None]:
    """Holds the ledger's lock; a ledger in memory (None) has none. Raises LockedError naming who holds it.

    The file stays: removing it would let two processes lock two files of one name.
    """
    if ledger is None:
        yield
        return
    real = ledger.resolve()
    path = real.with_name(real.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LedgerError(f"the lock {path} cannot be opened: {error}", fix="check the folder's permissions") from error
    try:
        _take(descriptor)
        _write_holder(descriptor, run, clock)
        try:
            yield
        finally:
            with suppress(OSError):  # the lock goes with its file all the same; who held it are only words
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def running_now(ledger: Path | None) -> str:
    """The id of the run that holds the ledger; empty when none does. Only looks: taking the lock to find out could
    make a run fail that begins at this moment."""
    if ledger is None:
        return ""
    real = ledger.resolve()
    try:
        found = json.loads(real.with_name(real.name + ".lock").read_bytes())
        alive = found["host"] != socket.gethostname() or _lives(int(found["pid"]))
    except (OSError, ValueError, KeyError, TypeError):  # no lock file yet, or nobody in it
        return ""
    return str(found["run"]) if alive else ""


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is another user's
        return True
    return True


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LockedError(
            f"another run holds the ledger: {_holder(descriptor)}",
            fix="wait until it ends; the lock goes with its process",
        ) from error
    except OSError as error:
        raise LedgerError(f"the ledger cannot be locked: {error}", fix="keep the ledger on a local disk") from error


def _write_holder(descriptor: int, run: str, clock: Clock) -> None:
    holder = {"pid": os.getpid(), "run": run, "host": socket.gethostname(), "started": clock.now().isoformat()}
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
    except OSError as error:
        why = f"nothing can be written beside the ledger: {error.strerror}"
        raise LedgerError(why, fix="make room, or check the disk; nothing was begun") from error


def _holder(descriptor: int) -> str:
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
        return f"run {found['run']}, process {found['pid']} on {found['host']}, since {found['started']}"
    except (ValueError, KeyError, TypeError):
        return "it has not said who it is yet"
