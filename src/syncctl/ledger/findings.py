"""Findings: what is open, since when, and what a person accepted until it changes. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from syncctl.fields import encode_json
from syncctl.ledger.engine import Engine
from syncctl.model import digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is not right. `subject` is `pair:N`, `pair:N:L:R` or `left:N` / `right:N` (ledger record numbers).

    `body` says what a person needs to see; `print` of it tells whether it is still the same.
    """

    subject: str
    kind: str
    field: str = ""
    body: tuple[tuple[str, str], ...] = ()


CHUNK: Final = 2_000
_SAVE: Final = (
    "INSERT INTO findings (mapping, subject, field, kind, print, since, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (mapping, subject, kind, field) DO UPDATE SET body = excluded.body, print = excluded.print,"
    " accepted = CASE WHEN accepted = excluded.print THEN accepted ELSE '' END,"
    " note = CASE WHEN accepted = excluded.print THEN note ELSE '' END WHERE print <> excluded.print"
)
"""A finding that is still the same is not written again."""
_STALE: Final = (
    "NOT EXISTS (SELECT 1 FROM kept k WHERE k.subject = findings.subject AND k.kind = findings.kind"
    " AND k.field = findings.field)"
)


def _row(mapping: int, verdict: Verdict, at: str) -> tuple[Any, ...]:
    text = encode_json(dict(verdict.body)).decode()
    return mapping, verdict.subject, verdict.field, verdict.kind, digest(text)[:16], at, text


def _chunks(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


class Findings:
    """The findings of one ledger. Methods join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def replace(self, mapping: int, subjects: Iterable[str] | None, verdicts: Iterable[Verdict], at: str) -> int:
        """These verdicts are all there is about these subjects (None: about the whole mapping's pairs).

        What was there before keeps its date, and its acceptance while it is still the same.
        """
        db = self.engine.db
        self._empty_scratch()
        count = 0
        for rows in _chunks(_row(mapping, verdict, at) for verdict in verdicts):
            db.executemany(_SAVE, rows)
            db.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", [(row[1], row[3], row[2]) for row in rows])
            count += len(rows)
        if subjects is None:
            db.execute(f"DELETE FROM findings WHERE mapping = ? AND subject GLOB 'pair:*' AND {_STALE}", (mapping,))
            return count
        db.executemany("INSERT OR IGNORE INTO judged VALUES (?)", ((subject,) for subject in subjects))
        db.execute(
            f"DELETE FROM findings WHERE mapping = ? AND subject IN (SELECT subject FROM judged) AND {_STALE}",
            (mapping,),
        )
        return count

    def _empty_scratch(self) -> None:
        db = self.engine.db
        db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS kept (subject TEXT, kind TEXT, field TEXT,"
            " PRIMARY KEY (subject, kind, field)) WITHOUT ROWID"
        )
        db.execute("CREATE TEMP TABLE IF NOT EXISTS judged (subject TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute("DELETE FROM kept")
        db.execute("DELETE FROM judged")

    def replace_unmatched(self, mapping: int, verdicts: Iterable[Verdict], at: str) -> int:
        """These verdicts are all there is about single records of a mapping."""
        count = self.replace(mapping, (), verdicts, at)
        self.engine.db.execute(
            f"DELETE FROM findings WHERE mapping = ? AND subject NOT GLOB 'pair:*' AND {_STALE}", (mapping,)
        )
        return count

    def open(self, mapping: int) -> list[tuple[Any, ...]]:
        """(id, subject, kind, field, body, since, accepted, note) of a mapping, oldest first."""
        rows = self.engine.db.execute(
            "SELECT id, subject, kind, field, body, since, accepted <> '', note FROM findings WHERE mapping = ?"
            " ORDER BY since, id",
            (mapping,),
        )
        return [(*row[:4], json.loads(row[4]), *row[5:]) for row in rows]

    def accept(self, identity: int, note: str) -> bool:
        """A person accepts a finding until it changes; False when there is none with this number."""
        cursor = self.engine.db.execute("UPDATE findings SET accepted = print, note = ? WHERE id = ?", (note, identity))
        return cursor.rowcount == 1
