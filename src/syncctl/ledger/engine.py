"""Opens the ledger file: permissions, journal mode, transactions, migrations. I/O: the file. All that is SQLite's own.

WAL can lose pages when two connections checkpoint at once in SQLite 3.7.0 to 3.51.2 (sqlite.org/wal.html, "WAL-reset
bug"), so it is used only from 3.51.3 on; before that the rollback journal with `synchronous=EXTRA`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from syncctl.errors import LedgerError, LockedError

SAFE_WAL_VERSION: Final = (3, 51, 3)
OLDEST_VERSION: Final = (3, 39, 0)
SCHEMA_VERSION: Final = 9
CACHE_KIB: Final = 32_768
BUSY_SECONDS: Final = 10.0
NOT_ONE: Final = (
    "name the right file under `ledger` in syncctl.yaml, or put the newest backup in its place:"
    " `syncctl ledger restore FILE`"
)
"""What to do about a file that is no ledger, or no whole one."""


class Engine:
    """One connection in explicit-transaction mode, and the path of its file (None in memory)."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.db = connection
        self.path = path

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back on any exception. Must not be nested."""
        self._begin()
        try:
            yield self.db
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:  # a commit that failed (disk full) may have rolled back by itself
                self.db.execute("ROLLBACK")
            raise

    @contextmanager
    def overlay(self) -> Iterator[sqlite3.Connection]:
        """A transaction whose changes are seen inside and never kept: planning looks ahead in it."""
        self._begin()
        try:
            yield self.db
        finally:
            self.db.execute("ROLLBACK")

    def abandon(self) -> None:
        """Rolls back what a signal left open in the moment between its beginning and its first statement."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    def _begin(self) -> None:
        try:
            self.db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise LockedError(
                "another process is writing to the ledger", fix="wait until that run ends, then try again"
            ) from error

    def serial(self) -> int:
        """What a plan is stale against: counts pulls that changed something, people's decisions, and plans taken."""
        return int(self.db.execute("SELECT value FROM counters WHERE name = 'serial'").fetchone()[0])

    def bump_serial(self) -> None:
        """The ledger's facts moved; inside the caller's transaction."""
        self.db.execute("UPDATE counters SET value = value + 1 WHERE name = 'serial'")

    def meta(self, key: str) -> str:
        """A value of the ledger's own (lineage, schema version); empty when unset."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def set_meta(self, key: str, value: str) -> None:
        """Stores such a value; inside the caller's transaction."""
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )

    @property
    def lineage(self) -> str:
        """The ledger's birth mark: a restored older copy keeps it, a new ledger has another."""
        return self.meta("lineage")

    def journal_mode(self) -> str:
        """The journal mode of this file, as the file has it now."""
        return str(self.db.execute("PRAGMA journal_mode").fetchone()[0])

    def close(self) -> None:
        self.db.close()


def open_engine(path: Path | None) -> Engine:
    """Opens or creates the ledger (None: in memory). Raises LedgerError with the fix."""
    if sqlite3.sqlite_version_info < OLDEST_VERSION:
        raise LedgerError(f"SQLite {sqlite3.sqlite_version} is too old", fix="use a Python with SQLite 3.39 or newer")
    try:
        connection = _connect(path)
        engine = Engine(connection, path)
        _set_pragmas(connection, in_file=path is not None)
        _migrate(engine)
    except (sqlite3.Error, OSError) as error:
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        fix = NOT_ONE if damaged else "check the path and its permissions"
        raise LedgerError(f"the ledger {path} cannot be opened: {error}", fix=fix) from error
    return engine


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    return sqlite3.connect(path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256)


def library_version() -> str:
    """The version of the SQLite library in use."""
    return sqlite3.sqlite_version


def journal_mode() -> str:
    """The journal mode that is safe with the SQLite in use."""
    return "WAL" if sqlite3.sqlite_version_info >= SAFE_WAL_VERSION else "DELETE"


def _set_pragmas(connection: sqlite3.Connection, *, in_file: bool) -> None:
    if in_file:
        mode = journal_mode()
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute(f"PRAGMA synchronous = {'FULL' if mode == 'WAL' else 'EXTRA'}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")


def _migrate(engine: Engine) -> None:
    version = engine.db.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA_VERSION:
        return
    if version > SCHEMA_VERSION:
        raise LedgerError("the ledger was written by a newer syncctl", fix="update syncctl, or use another ledger file")
    if engine.path is None:
        with closing(sqlite3.connect(":memory:")) as migrated:
            migrated.deserialize(_empty())
            migrated.backup(engine.db)
    else:
        _apply_migrations(engine.db)
    with engine.write():
        if not engine.lineage:
            engine.set_meta("lineage", secrets.token_hex(8))
    engine.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _apply_migrations(connection: sqlite3.Connection) -> None:
    import sqlite_utils

    from syncctl.ledger.migrations import migrations

    # sqlite-utils wants the driver's own transactions while it migrates.
    migrations.apply(sqlite_utils.Database(connection))


@cache
def _empty() -> bytes:
    """What the migrations make of an empty ledger: every ledger in memory begins with a copy of it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        _apply_migrations(made)
        return made.serialize()
