"""The audit chain: events that can be added to and never changed unseen. I/O: SQL.

Each hash covers the one before it, so an edited, removed or reordered event breaks every later one. Cutting off the
end is the one thing a chain alone cannot show; `head` is what to write down elsewhere against that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from syncctl.model import Problem, digest

_canonical: Final = msgspec.json.Encoder(order="deterministic")


def append(db: sqlite3.Connection, at: str, run: str, event: str, body: Mapping[str, Any]) -> str:
    """Adds one event inside the caller's transaction; returns its hash. `at` is ISO-8601 UTC."""
    text = _canonical.encode(body).decode()
    previous = head(db)
    link = digest(previous, at, run, event, text)
    db.execute(
        "INSERT INTO audit (at, run, event, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (at, run, event, text, previous, link),
    )
    return link


def head(db: sqlite3.Connection) -> str:
    """The last event's hash; empty before the first."""
    row = db.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ""


def verify(db: sqlite3.Connection) -> Problem | None:
    """The first event that does not follow from the one before it, or None."""
    expected = ""
    rows = db.execute("SELECT id, at, run, event, body, previous, hash FROM audit ORDER BY id")
    for number, row in enumerate(rows, 1):
        identity, at, run, event, body, previous, link = row
        if identity != number:
            return Problem(f"audit event {number}", "it is missing", "compare with a backup of the ledger")
        if previous != expected or digest(previous, at, run, event, body) != link:
            return Problem(
                f"audit event {identity}",
                f"{event} at {at} does not follow from the event before it",
                "somebody changed the ledger's history; compare with a backup",
            )
        expected = link
    return None
