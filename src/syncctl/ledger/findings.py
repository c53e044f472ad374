"""Findings: what is open, since when, and what a person accepted until it changes. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from syncctl.fields.jsontext import encode_json
from syncctl.ledger.as_of import KEEP_FINDINGS, keep_findings
from syncctl.ledger.engine import Engine
from syncctl.model import digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is not right. `subject` is `pair:N`, `pair:N:L:R` or `left:N` / `right:N` (ledger record numbers).

    `body` says what a person needs to see; `print` of it tells whether it is still the same. Of a finding that is
    there already, what `retold` names may be put differently without it being another: its mapping was edited, and
    what it is about did not change.
    """

    subject: str
    kind: str
    field: str = ""
    body: tuple[tuple[str, str], ...] = ()
    retold: frozenset[str] = frozenset()


class OpenFinding(NamedTuple):
    """One open finding as the ledger holds it; `number` is what a person accepts it by. See Verdict for the rest."""

    number: int
    subject: str
    kind: str
    field: str
    body: dict[str, str]
    since: str
    accepted: bool
    note: str
    accepted_by: str = ""
    accepted_at: str = ""

    @property
    def records(self) -> tuple[int, int] | None:
        """The left and the right record (ledger numbers) of a finding about a pair."""
        left, _, right = self.body.get("records", "").partition(":")
        return (int(left), int(right)) if left else None


CHUNK: Final = 2_000
_HELD: Final = (
    "SELECT subject, kind, field, id, body FROM findings WHERE mapping = ?"
    " AND subject IN (SELECT value FROM json_each(?))"
)
_INSERT: Final = "INSERT INTO findings (mapping, subject, kind, field, since, print, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
_REOPENED: Final = "accepted = '', note = '', accepted_by = '', accepted_at = ''"
_CHANGE: Final = f"UPDATE findings SET print = ?, body = ?, {_REOPENED} WHERE id = ?"
"""A finding keeps its date when it changes, but not what a person accepted."""
_RETELL: Final = "UPDATE findings SET accepted = iif(accepted = print, ?1, ''), print = ?1, body = ?2 WHERE id = ?3"
"""The same finding in other words: what a person accepted stands."""
_STALE: Final = "id <= ? AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.id = findings.id)"
"""Held before this pass, and not found again by it."""


def _print(body: str) -> str:
    return digest(body)[:16]


def _retells(verdict: Verdict, old: str) -> bool:
    """True when a verdict says the same as the finding's body, in other words."""
    said = {**json.loads(old), **{name: value for name, value in verdict.body if name in verdict.retold}}
    return said == dict(verdict.body)


def _chunks(verdicts: Iterator[Verdict]) -> Iterator[list[Verdict]]:
    while chunk := list(islice(verdicts, CHUNK)):
        yield chunk


class Findings:
    """The findings of one ledger. Methods join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def replace(self, mapping: int, subjects: Iterable[str] | None, verdicts: Iterable[Verdict], at: str) -> None:
        """These verdicts are all there is about these subjects (None: about the whole mapping's pairs).

        What was there before keeps its date, and its acceptance while it is still the same.
        """
        newest = self._begin()
        for chunk in _chunks(iter(verdicts)):
            self._save(mapping, chunk, at)
        if subjects is None:
            self._drop("mapping = ? AND subject GLOB 'pair:*'", (mapping,), newest, at)
            return
        about = "mapping = ? AND subject IN (SELECT value FROM json_each(?))"
        self._drop(about, (mapping, json.dumps(list(subjects))), newest, at)

    def replace_unmatched(self, mapping: int, verdicts: Iterable[Verdict], at: str) -> None:
        """These verdicts are all there is about single records of a mapping."""
        newest = self._begin()
        for chunk in _chunks(iter(verdicts)):
            self._save(mapping, chunk, at)
        self._drop("mapping = ? AND subject NOT GLOB 'pair:*'", (mapping,), newest, at)

    def _drop(self, where: str, words: tuple[int | str, ...], newest: int, at: str) -> None:
        """What was not found again is gone; how it stood is kept."""
        db = self.engine.db
        db.execute(f"{KEEP_FINDINGS}{where} AND {_STALE}", (at, *words, newest))
        db.execute(f"DELETE FROM findings WHERE {where} AND {_STALE}", (*words, newest))

    def _begin(self) -> int:
        """Empties the list of what is kept; returns the newest finding's number, which new ones are above."""
        db = self.engine.db
        db.execute("CREATE TEMP TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY)")
        db.execute("DELETE FROM kept")
        return self.newest()

    def _save(self, mapping: int, verdicts: list[Verdict], at: str) -> None:
        """Writes what is new or changed; a finding that is still the same is not touched."""
        db = self.engine.db
        subjects = json.dumps(list({verdict.subject for verdict in verdicts}))
        held = {row[:3]: row[3:] for row in db.execute(_HELD, (mapping, subjects))}
        made: dict[tuple[str, str, str], tuple[str, ...]] = {}
        changed: list[tuple[str, str, int]] = []
        retold: list[tuple[str, str, int]] = []
        kept: list[tuple[int]] = []
        for verdict in verdicts:
            key = (verdict.subject, verdict.kind, verdict.field)
            body = encode_json(dict(verdict.body)).decode()
            number, old = held.get(key, (None, ""))
            if number is None:
                made[key] = (at, _print(body), body)
                continue
            kept.append((number,))
            if old != body:
                (retold if _retells(verdict, old) else changed).append((_print(body), body, number))
        db.executemany(_INSERT, [(mapping, *key, *rest) for key, rest in made.items()])
        keep_findings(db, at, [number for _, _, number in changed])
        db.executemany(_CHANGE, changed)
        db.executemany(_RETELL, retold)
        db.executemany("INSERT OR IGNORE INTO kept VALUES (?)", kept)

    def newest(self) -> int:
        """The number of the newest finding there is; 0 without any."""
        return int(self.engine.db.execute("SELECT coalesce(max(id), 0) FROM findings").fetchone()[0])

    def open(self, mapping: int) -> list[OpenFinding]:
        """The open findings of a mapping, oldest first."""
        rows = self.engine.db.execute(
            "SELECT id, subject, kind, field, body, since, accepted <> '', note, accepted_by, accepted_at FROM findings"
            " WHERE mapping = ? ORDER BY since, id",
            (mapping,),
        )
        return [
            OpenFinding(number, subject, kind, field, json.loads(body), since, bool(accepted), *rest)
            for number, subject, kind, field, body, since, accepted, *rest in rows
        ]

    def accept(self, identity: int, note: str, by: str = "", at: str = "") -> bool:
        """A person accepts a finding until it changes; False when there is none with this number."""
        accepted = "UPDATE findings SET accepted = print, note = ?, accepted_by = ?, accepted_at = ? WHERE id = ?"
        return self.engine.db.execute(accepted, (note, by, at, identity)).rowcount == 1

    def reopen(self, identity: int) -> tuple[str, str, str] | None:
        """Takes an acceptance back; returns its note, by whom and when; None when it is not accepted."""
        said = "SELECT note, accepted_by, accepted_at FROM findings WHERE id = ? AND accepted <> ''"
        found = self.engine.db.execute(said, (identity,)).fetchone()
        if found is None:
            return None
        self.engine.db.execute(f"UPDATE findings SET {_REOPENED} WHERE id = ?", (identity,))
        return str(found[0]), str(found[1]), str(found[2])

    def annotate(self, identity: int, note: str) -> None:
        """Writes a reason beside an open finding until it changes; one that is accepted keeps its own."""
        self.engine.db.execute("UPDATE findings SET note = ? WHERE id = ? AND accepted = ''", (note, identity))
