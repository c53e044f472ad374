"""The rows that the audit chain answers for, and the digest of one of them. I/O: SQL.

An event carries the digest of every row it left behind, so a row that was changed without an event contradicts the
chain. Pulled records are not among them: the vendor has those.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from syncctl.model import digest

DIGEST_LENGTH: Final = 32
GONE: Final = ""
"""The digest of a row that its event took away."""
_canonical: Final = msgspec.json.Encoder(order="deterministic")

Row: TypeAlias = tuple[str, tuple[str | int, ...]]
"""A table and the key of one of its rows."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One table: the columns of its key, then all others. A zero in one of its `flags` counts as empty."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    flags: frozenset[str] = frozenset()

    @property
    def all(self) -> str:
        return ", ".join((*self.key, *self.columns))


SEALED: Final[Mapping[str, Sealed]] = {
    "plans": Sealed(("id",), ("created_at", "digest", "serial", "body", "applied_by")),
    "operations": Sealed(
        ("id",),
        (
            "number", "intent", "plan", "run", "position", "state", "generation", "system", "target", "change", "sent",
            "base", "ref", "read_back", "fingerprint", "code", "message", "fix", "body", "updated_at", "checked",
        ),
        frozenset({"checked"}),
    ),
    "requests": Sealed(
        ("id",),
        (
            "key", "system", "request", "sends", "first_sent_at", "send_by", "window_end", "status",
            "vendor_request_id", "answered_at",
        ),
    ),
    "request_rows": Sealed(("operation", "request"), ("generation",)),
    "runs": Sealed(("id",), ("command", "started_at", "finished_at", "outcome", "exit_code", "counts", "plan")),
    "decisions": Sealed(("mapping", "left_ref", "right_ref"), ("verdict", "by", "at")),
    "holds": Sealed(("operation",), ("system", "kind", "rid", "run", "at")),
    "pins": Sealed(("system",), ("company", "name", "live", "pinned_at")),
}  # fmt: skip
"""Every column of every such table; a column of a later version needs an empty default, see `row_digest`."""


def key_text(key: Iterable[str | int]) -> str:
    """How an event names a row: its key as text, a key of several columns as a JSON list."""
    parts = list(map(str, key))
    return parts[0] if len(parts) == 1 else json.dumps(parts)


def row_digest(sealed: Sealed, values: Iterable[Any]) -> str:
    """The digest of a row's values in the order of `sealed.all`.

    Empty values are left out: a column that is added later, with an empty default, changes no digest.
    """
    named = zip((*sealed.key, *sealed.columns), values, strict=True)
    told = {
        name: value for name, value in named if value not in (None, "", b"") and (value or name not in sealed.flags)
    }
    return digest(_canonical.encode(told))[:DIGEST_LENGTH]


def digests(db: sqlite3.Connection, rows: Iterable[Row]) -> dict[str, dict[str, str]]:
    """Table to key to digest of these rows as they are now; GONE for one that does not exist."""
    found: dict[str, dict[str, str]] = {}
    for table, key in rows:
        sealed = SEALED[table]
        where = " AND ".join(f"{column} = ?" for column in sealed.key)
        row = db.execute(f"SELECT {sealed.all} FROM {table} WHERE {where}", key).fetchone()
        found.setdefault(table, {})[key_text(key)] = row_digest(sealed, row) if row else GONE
    return found


def digest_without_flags(db: sqlite3.Connection, table: str, key: str) -> str:
    """The digest of a row as it would be without its flags."""
    sealed = SEALED[table]
    row = db.execute(f"SELECT {sealed.all} FROM {table} WHERE {sealed.key[0]} = ?", (key,)).fetchone()
    names = (*sealed.key, *sealed.columns)
    return row_digest(sealed, (0 if name in sealed.flags else value for name, value in zip(names, row, strict=True)))


def standing_rows(db: sqlite3.Connection, table: str) -> Iterator[tuple[str, str]]:
    """Key and digest of every row of a table."""
    sealed = SEALED[table]
    for row in db.execute(f"SELECT {sealed.all} FROM {table}"):
        yield key_text(row[: len(sealed.key)]), row_digest(sealed, row)
