"""A disk without room for any file but the ledger, in our own words. No I/O."""

from __future__ import annotations

import errno
from typing import Final

from syncctl.errors import LedgerError

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FIX: Final = (
    "make room and run the command again: what became of a write in flight is found out before anything is sent"
)


def full_disk(error: BaseException) -> LedgerError | None:
    """The error to show when the disk (or a quota, or a limit on files) has no room; None for any other error."""
    no_room = isinstance(error, OSError) and error.errno in _NO_ROOM
    return LedgerError(f"the disk is full: {error}", fix=FIX) if no_room else None
