"""The audit chain: events that can be added to and never changed unseen. I/O: SQL.

Each hash covers the one before it, so an edited, removed or reordered event breaks every later one. Cutting off the
end is the one thing a chain alone cannot show: its head is kept outside the ledger too (heads.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from syncctl.ledger.sealing import Row, digests
from syncctl.model import digest

ROWS: Final = "rows"
"""Where an event's body keeps the digests of the rows it left behind."""
LAST: Final = 2**63 - 1
"""A higher number than any event has."""
_canonical: Final = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many events, and the last one's hash (0 and empty before the first)."""

    count: int
    hash: str

    @property
    def short(self) -> str:
        """The hash as people copy it down."""
        return self.hash[:16]


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the chain, as it is in the ledger."""

    number: int
    at: str
    run: str
    event: str
    body: str
    previous: str
    hash: str

    def link(self, previous: str) -> str:
        """The hash this event has when it follows the event with the hash `previous`."""
        return digest(previous, *map(str, (self.at, self.run, self.event, self.body)))


def append(
    db: sqlite3.Connection, at: str, run: str, event: str, body: Mapping[str, Any], rows: Iterable[Row] = ()
) -> str:
    """Adds one event inside the caller's transaction; returns its hash. `at` is ISO-8601 UTC.

    `rows` are those that the transaction wrote, as they are now: the event answers for them.
    """
    sealed = digests(db, rows)
    text = _canonical.encode({**body, ROWS: sealed} if sealed else body).decode()
    before = head(db)
    link = digest(before.hash, at, run, event, text)
    db.execute(
        "INSERT INTO audit (id, at, run, event, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (before.count + 1, at, run, event, text, before.hash, link),
    )
    return link


def head(db: sqlite3.Connection) -> Head:
    """Where the chain ends now."""
    row = db.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return Head(int(row[0]), str(row[1])) if row else Head(0, "")


def hash_at(db: sqlite3.Connection, count: int) -> str | None:
    """The hash of the event with this number; empty for 0, None when there is none."""
    if count == 0:
        return ""
    row = db.execute("SELECT hash FROM audit WHERE id = ?", (count,)).fetchone()
    return str(row[0]) if row else None


def events(db: sqlite3.Connection, after: int = -LAST) -> Iterator[Event]:
    """Every event with a higher number than `after`, in order, one in memory at a time."""
    rows = db.execute("SELECT id, at, run, event, body, previous, hash FROM audit WHERE id > ? ORDER BY id", (after,))
    return (Event(*row) for row in rows)


def last_of(db: sqlite3.Connection, event: str) -> Event | None:
    """The newest event of a kind."""
    row = db.execute(
        "SELECT id, at, run, event, body, previous, hash FROM audit WHERE event = ? ORDER BY id DESC LIMIT 1", (event,)
    ).fetchone()
    return Event(*row) if row else None


def events_of(db: sqlite3.Connection, event: str) -> Iterator[Event]:
    """Every event of a kind, in order."""
    rows = db.execute(
        "SELECT id, at, run, event, body, previous, hash FROM audit WHERE event = ? ORDER BY id", (event,)
    )
    return (Event(*row) for row in rows)
