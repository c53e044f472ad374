"""A disk that is full, failing or read-only, in our own words. No I/O."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from syncctl.errors import LedgerError

MAKE_ROOM: Final = "make room and run the command again: a write in flight is looked up before anything is sent"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Of files other than the ledger: a full disk, a quota, a limit on the size of files."""
_FIXES: Final = {
    sqlite3.SQLITE_FULL: MAKE_ROOM,
    sqlite3.SQLITE_READONLY: "make it and its folder writable: SQLite keeps a journal beside it",
    sqlite3.SQLITE_CANTOPEN: "make its folder writable: SQLite keeps a journal beside it",
    sqlite3.SQLITE_IOERR: "look at its disk (room, quota, hardware), then run it again: nothing in it is half done",
}
"""What to do when SQLite cannot write, by its primary result code (sqlite.org/rescode.html)."""


def disk_error(error: BaseException) -> LedgerError | None:
    """What to tell whoever runs into SQLite's or the system's words for such a disk; None for any other error.

    Asked where a command ends, not where it writes: push takes an error of ours for one of a vendor.
    """
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return LedgerError(f"the disk is full: {error}", fix=MAKE_ROOM)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # an extended code holds the primary one in its last 8 bits
    fix = _FIXES.get(code) if isinstance(error, sqlite3.OperationalError) else None
    return LedgerError(f"the ledger cannot be written: {error}", fix=fix) if fix else None
