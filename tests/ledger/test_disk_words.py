"""A disk that is full, failing or read-only is told in our words, and nothing else is taken for one."""

from __future__ import annotations

import errno
import os
import sqlite3

import pytest

from syncctl.ledger.disk import MAKE_ROOM, disk_error


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("in SQLite's words")
    error.sqlite_errorcode = code
    return error


def of_the_system(code: int) -> OSError:
    return OSError(code, os.strerror(code), "friday.plan")


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (of_sqlite(sqlite3.SQLITE_FULL), MAKE_ROOM),
        (of_the_system(errno.ENOSPC), MAKE_ROOM),
        (of_the_system(errno.EDQUOT), MAKE_ROOM),
        (of_the_system(errno.EFBIG), MAKE_ROOM),
        (of_sqlite(sqlite3.SQLITE_READONLY_DIRECTORY), "make it and its folder writable"),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN_ISDIR), "make its folder writable"),
        (of_sqlite(sqlite3.SQLITE_IOERR_FSYNC), "look at its disk"),
        (of_sqlite(sqlite3.SQLITE_BUSY), None),
        (of_the_system(errno.EACCES), None),
        (ValueError("no disk at all"), None),
    ],
    ids=str,
)
def test_what_the_disk_says_is_told_with_what_to_do(error: Exception, fix: str | None) -> None:
    told = disk_error(error)
    assert (told is None) == (fix is None)
    if told is not None and fix is not None:
        assert fix in told.fix
        assert str(error) in str(told)
