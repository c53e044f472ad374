"""A connection to a ledger file for whoever only looks, without migrating it. I/O: the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from syncctl.errors import LedgerError
from syncctl.ledger.engine import BUSY_SECONDS


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The ledger, never made anew; what a dead run left half written is rolled back first, as SQLite does.

    Raises LedgerError when it is no ledger.
    """
    if not path.is_file():
        raise LedgerError(f"there is no ledger {path}", fix="pull first: syncctl pull")
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        ) as db:
            yield db
    except sqlite3.DatabaseError as error:
        why = f"the ledger {path} cannot be read: {error}"
        raise LedgerError(why, fix="put a backup in its place: syncctl ledger restore FILE") from error
