"""Read-only questions to the ledger in SQL, for people. I/O: reads the file through a connection of its own."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from syncctl.errors import LedgerError, UsageError
from syncctl.ledger.as_of import NOW, show_as_of

STEPS_MAX: Final = 50_000_000
"""SQLite instructions of one question; a cross join of the whole ledger ends here instead of never."""
STEPS_PER_LOOK: Final = 100_000
_ALLOWED: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_FORBIDDEN_FUNCTIONS: Final = frozenset({"load_extension", "readfile", "writefile", "edit"})


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """Column names and rows; `more` is True when rows were left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


def query(path: Path, sql: str, limit: int, moment: str = NOW) -> QueryAnswer:
    """Answers one SELECT. Nothing can be written, attached or loaded; the views of as_of.py show the ledger as it stood
    at `moment` (ISO-8601 UTC). Raises UsageError, LedgerError.
    """
    if not path.is_file():
        raise LedgerError(f"there is no ledger {path}", fix="pull first: syncctl pull")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        show_as_of(connection, moment)
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_authorize)
        _bound(connection)
        cursor = connection.execute(sql)
        if cursor.description is None:
            raise UsageError("this is no question", fix="only SELECT works here: the ledger is written by runs alone")
        rows = cursor.fetchmany(limit + 1)
        return QueryAnswer(tuple(column[0] for column in cursor.description), tuple(rows[:limit]), len(rows) > limit)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise UsageError(
            f"the ledger cannot answer: {error}", fix="one SELECT; `.tables` is SELECT name FROM sqlite_schema"
        ) from error
    finally:
        connection.close()


def _authorize(action: int, _first: str | None, second: str | None, _base: str | None, _trigger: str | None) -> int:
    function = (second or "").lower() if action == sqlite3.SQLITE_FUNCTION else ""
    allowed = action in _ALLOWED and function not in _FORBIDDEN_FUNCTIONS
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _bound(connection: sqlite3.Connection) -> None:
    looks = iter(range(STEPS_MAX // STEPS_PER_LOOK))
    connection.set_progress_handler(lambda: 1 if next(looks, None) is None else 0, STEPS_PER_LOOK)
