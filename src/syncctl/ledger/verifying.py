"""Verifies a ledger: its audit chain, the heads kept outside, the rows the chain answers for, its file. I/O: SQL.

Whatever the size of the ledger, little of it is in memory at once: what the events told of each row is gathered in a
temporary table on the disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from syncctl.ledger import audit
from syncctl.ledger.audit import ROWS, Event, Head
from syncctl.ledger.chain import BACKUP, Broken, first_break
from syncctl.ledger.heads import KeptHead, family, kept_heads
from syncctl.ledger.operation import CHECKED
from syncctl.ledger.redactions import purge_words
from syncctl.ledger.sealing import GONE, SEALED, digest_without_flags, standing_rows
from syncctl.ledger.standing import WHAT_TO_DO, given_up
from syncctl.model import HOLD_NOTE

SHOWN_MAX: Final = 20
"""So many contradictions of one sort are named; where there are more, the others are only counted."""
CHUNK: Final = 1_000
_TOLD: Final = (
    "CREATE TEMP TABLE told (tbl TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, event INTEGER NOT NULL,"
    " PRIMARY KEY (tbl, key)) WITHOUT ROWID"
)
_ACCEPTED: Final = "CREATE TEMP TABLE accepted (finding INTEGER NOT NULL, note TEXT NOT NULL, UNIQUE (finding, note))"
LINKS: Final = (
    ("records", "kind", "kinds", "id"),
    ("versions", "record", "records", "id"),
    ("pair_members", "pair", "pairs", "id"),
    ("pair_members", "record", "records", "id"),
    ("pairs", "mapping", "mappings", "id"),
    ("sides", "mapping", "mappings", "id"),
    ("unkept", "mapping", "mappings", "id"),
    ("unkept", "left_record", "records", "id"),
    ("unkept", "right_record", "records", "id"),
    ("findings", "mapping", "mappings", "id"),
    ("operations", "plan", "plans", "id"),
    ("operations", "run", "runs", "id"),
    ("request_rows", "operation", "operations", "id"),
    ("request_rows", "request", "requests", "id"),
)
"""Columns that name a row of another table."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: the chain's head, the newest head kept outside, how many rows the chain answers for,
    everything that is not as it was written, the first in the chain's order first, and every purge in words."""

    head: Head
    kept: KeptHead | None
    rows: int
    broken: tuple[Broken, ...]
    purges: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.broken


def verify(db: sqlite3.Connection, lineage: str, heads: Path) -> Verified:
    """Verifies a ledger that nobody writes to meanwhile. Raises OSError when the heads cannot be read."""
    damaged = tuple(_file(db))
    if damaged:  # what a damaged file says is not worth comparing
        return Verified(Head(0, ""), None, 0, damaged)
    db.execute("BEGIN")  # one state of the ledger, and temporary tables that leave nothing behind
    try:
        return _compared(db, lineage, heads)
    finally:
        db.execute("ROLLBACK")


def _compared(db: sqlite3.Connection, lineage: str, heads: Path) -> Verified:
    db.execute(_TOLD)
    db.execute(_ACCEPTED)
    telling = _Telling(db)
    first = first_break(db, telling.see)
    telling.flush()
    head = audit.head(db)
    rows, contradictions = _rows(db, telling.flags_from)
    kept, outside = _outside(db, lineage, heads, head, cut=bool(contradictions))
    found = (*([first] if first else ()), *outside, *contradictions, *_lineage(telling.lineage, lineage), *_links(db))
    return Verified(head, kept, rows, found, tuple(telling.purges))


class _Telling:
    """Gathers what the events say of rows: the newest word counts."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.lineage = ""
        self.flags_from = audit.LAST
        """The first event that answers for flags: a syncctl before it set them without a word."""
        self.purges: list[str] = []
        self._rows: list[tuple[str, str, str, int]] = []

    def see(self, event: Event) -> None:
        """One event of the chain; what is no JSON says nothing."""
        try:
            body: dict[str, Any] = json.loads(event.body)
            told = [(table, key, text) for table, rows in body.get(ROWS, {}).items() for key, text in rows.items()]
        except (ValueError, AttributeError):
            return
        self._rows += [(table, key, text, event.number) for table, key, text in told]
        if event.event == CHECKED:
            self.flags_from = min(self.flags_from, event.number)
        if event.event == "finding.accepted":
            self.db.execute("INSERT OR IGNORE INTO accepted VALUES (?, ?)", (body.get("finding"), body.get("note")))
        self.purges += filter(None, [purge_words(event)])
        self.lineage = str(body.get("lineage") or self.lineage)
        if len(self._rows) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Writes down what was gathered."""
        self.db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", self._rows)
        self._rows.clear()


# --- the rows -----------------------------------------------------------------------------------------------------


def _rows(db: sqlite3.Connection, flags_from: int) -> tuple[int, tuple[Broken, ...]]:
    """How many rows the chain answers for, and those that contradict it."""
    counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in SEALED]
    found = [broken for table in SEALED for broken in _some(_contradictions(db, table, flags_from), table)]
    found += _some(_acceptances(db), "findings")
    found += _some(_unwritten(db), "unkept")
    return sum(counts), tuple(sorted(found, key=lambda broken: broken.number or audit.LAST))


def _some(found: Iterable[Broken], table: str) -> Iterator[Broken]:
    """The first of them, and how many more there are."""
    more = 0
    for number, broken in enumerate(found):
        if number < SHOWN_MAX:
            yield broken
        else:
            more += 1
    if more:
        yield Broken("rows", f"{more:,} more rows of {table} contradict the chain")


def _contradictions(db: sqlite3.Connection, table: str, flags_from: int) -> Iterator[Broken]:
    """Rows that are changed, that no event tells of, and that are missing."""
    for key, text in standing_rows(db, table):
        row = db.execute("SELECT digest, event FROM told WHERE tbl = ? AND key = ?", (table, key)).fetchone()
        if row is None or row[0] == GONE:
            yield Broken("rows", f"{_name(table, key)}: no event tells of it, so it was added by hand")
        elif row[0] != text and not _only_flagged(db, table, key, (row[0], row[1]), flags_from):
            yield _about(db, row[1], f"{_name(table, key)}: it is not as this event left it")
        db.execute("DELETE FROM told WHERE tbl = ? AND key = ?", (table, key))
    missing = db.execute("SELECT key, event FROM told WHERE tbl = ? AND digest <> ? ORDER BY event", (table, GONE))
    for key, event in missing:
        yield _about(db, event, f"{_name(table, key)}: it is missing")


def _only_flagged(db: sqlite3.Connection, table: str, key: str, told: tuple[str, int], flags_from: int) -> bool:
    """True when nothing but a flag differs from the last word of a time in which flags were set without one."""
    text, event = told
    return bool(SEALED[table].flags) and event < flags_from and text == digest_without_flags(db, table, key)


def _acceptances(db: sqlite3.Connection) -> Iterator[Broken]:
    """Findings that count as accepted although nobody accepted them with this note."""
    rows = db.execute(
        "SELECT id FROM findings f WHERE accepted <> ''"
        " AND NOT EXISTS (SELECT 1 FROM accepted a WHERE a.finding = f.id AND a.note = f.note)"
        " AND NOT (f.note GLOB ? AND EXISTS (SELECT 1 FROM holds))",
        (f"{HOLD_NOTE}*",),
    )
    for (number,) in rows:
        yield Broken("rows", f"findings {number}: it counts as accepted, and no event tells that a person accepted it")


def _unwritten(db: sqlite3.Connection) -> Iterator[Broken]:
    """Records that are said not to have kept what was written, and that no write of the journal ever reached."""
    rows = db.execute(
        "SELECT name, field FROM (SELECT k.system || ':' || k.kind || ':' || r.rid AS name, u.field FROM unkept u"
        " JOIN records r ON r.id = iif(u.toward = 'left', u.left_record, u.right_record) JOIN kinds k ON k.id = r.kind)"
        " WHERE name NOT IN (SELECT iif(ref = '', target, ref) FROM operations WHERE state = 'applied')"
    )
    for name, field in rows:
        what = f"unkept {name}: {field} is held back as not kept there, and no write of ours reached that record"
        yield Broken("rows", what)


def _name(table: str, key: str) -> str:
    return f"{table} {key}"


def _about(db: sqlite3.Connection, number: int, what: str) -> Broken:
    event = next(audit.events(db, after=number - 1))
    return Broken("rows", what, number=event.number, at=event.at, event=event.event)


# --- what is kept outside -------------------------------------------------------------------------------------------


def _outside(
    db: sqlite3.Connection, lineage: str, heads: Path, head: Head, *, cut: bool
) -> tuple[KeptHead | None, tuple[Broken, ...]]:
    """The newest head kept outside, and the first one that the chain does not agree with."""
    last: KeptHead | None = None
    good = Head(0, "")
    wrong: Broken | None = None
    for last in kept_heads(heads, family(lineage)):
        here = audit.hash_at(db, last.head.count) if last.lineage == lineage else None
        if wrong is None and here is not None:
            wrong = _against(here, last, good)
            good = last.head
    if wrong is None and last is not None and _is_ahead(db, last, lineage):
        wrong = _cut(last, head) if cut else _older(last, head)
    return last, (wrong,) if wrong else ()


def _is_ahead(db: sqlite3.Connection, last: KeptHead, lineage: str) -> bool:
    """True when the newest head outside is of a state that this ledger never had, and never gave up."""
    if last.lineage == lineage:
        return audit.hash_at(db, last.head.count) is None
    return given_up(db) != last.head


def _against(here: str, kept: KeptHead, good: Head) -> Broken | None:
    if here == kept.head.hash:
        return None
    span = f"an event from {good.count + 1} to {kept.head.count}"
    what = f"run {kept.run} ended with another hash: {span} was rewritten, and all hashes after it calculated anew"
    meaning = "somebody rewrote the ledger's history, or this is a copy of a ledger that is used in two places"
    return Broken("heads", what, meaning, number=good.count + 1, at=kept.at)


def _cut(kept: KeptHead, head: Head) -> Broken:
    what = f"the end was cut off: run {kept.run} ended with event {kept.head.count}, the last one here is {head.count}"
    return Broken("heads", what, number=head.count + 1, at=kept.at)


def _older(kept: KeptHead, head: Head) -> Broken:
    what = f"run {kept.run} ended with event {kept.head.count}, the last one here is {head.count}"
    meaning = "this is an older copy of the ledger: a backup that was put back, or one that is used in two places"
    return Broken("heads", what, meaning, WHAT_TO_DO, number=head.count + 1, at=kept.at)


def _lineage(told: str, lineage: str) -> Iterator[Broken]:
    if told and told != lineage:
        yield Broken("rows", f"meta lineage: it is {lineage}, and the chain says {told}")


# --- the file -----------------------------------------------------------------------------------------------------


def _file(db: sqlite3.Connection) -> Iterator[Broken]:
    """What SQLite finds wrong with the file."""
    meaning = "the file is damaged: a disk that failed, a copy made while a run wrote, or bytes changed by hand"
    try:
        found = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({SHOWN_MAX})")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    yield from (Broken("file", f"SQLite: {line}", meaning, BACKUP) for line in found if line != "ok")


def _links(db: sqlite3.Connection) -> Iterator[Broken]:
    """Rows that name a row which is not there."""
    for table, column, other, key in LINKS:
        (count,) = db.execute(
            f"SELECT count(*) FROM {table} c WHERE c.{column} <> ''"
            f" AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.{key} = c.{column})"
        ).fetchone()
        if count:
            said = f"1 row of {table} names" if count == 1 else f"{count:,} rows of {table} name"
            yield Broken("links", f"{said} a row of {other} that is not there")
