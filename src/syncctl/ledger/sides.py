"""Canonical sides: projected when a record or what it looks at changed, joined by pair id. I/O: SQL.

Each method works on one mapping inside the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from syncctl.fields.jsontext import decode_record
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import SIDE, Lookups
from syncctl.ledger.migrations import MATCH_KEYS
from syncctl.ledger.records import Records
from syncctl.model import Ref, SideName
from syncctl.projection.projection import Projection
from syncctl.projection.side import OUT, Side

CHUNK: Final = 2_000
KEPT_UNPAIRED: Final = frozenset({"", "archived", "poison"})
"""Standing of records that may still be matched, or that nobody could read; others without a pair are not kept."""
HASH, SCOPE, DATED, KEYS = 6, 7, 10, 13
"""Where these stand in a row of `_row`."""
SIDES: Final[tuple[SideName, SideName]] = ("left", "right")

_KEYS = ", ".join(f"k{number}" for number in range(MATCH_KEYS))
_INSERT: Final = (
    "INSERT INTO sides (mapping, side, record, pair, hash, scope, amount, currency, dated, name, body, "
    f"{_KEYS}) VALUES (?, ?, ?, (SELECT pair FROM pair_members WHERE mapping = ? AND side = ? AND record = ?), "
    f"?, ?, ?, ?, ?, ?, ?, {', '.join('?' * MATCH_KEYS)})"
)
_UPSERT: Final = f"{_INSERT} ON CONFLICT (mapping, side, record) DO UPDATE SET " + ", ".join(
    f"{column} = excluded.{column}"
    for column in ("pair", "hash", "scope", "amount", "currency", "dated", "name", "body", *_KEYS.split(", "))
)

_HELD: Final = (
    f"SELECT record, pair, scope, amount, currency, {_KEYS} FROM sides WHERE mapping = ? AND side = ?"
    " AND record IN (SELECT value FROM json_each(?))"
)
_UPDATE_CELLS: Final = (
    "UPDATE sides SET hash = ?, dated = ?, name = ?, body = ? WHERE mapping = ? AND side = ? AND record = ?"
)


class Sides:
    """The sides of one ledger."""

    def __init__(self, engine: Engine, records: Records, lookups: Lookups) -> None:
        self.engine = engine
        self.records = records
        self.lookups = lookups

    # --- projecting ---

    def project(self, mapping: int, projection: Projection, seen: int, *, fresh: bool) -> tuple[int, set[int]]:
        """Projects what changed since `seen` (everything when `fresh`); returns how many and the pairs concerned.

        After a fresh projection every pair is concerned, so that none is named.
        """
        if fresh:
            self._forget(mapping)
        else:
            self._mark_dependents(mapping, seen)
        count, pairs = 0, set[int]()
        for side in SIDES:
            for chunk in self._stale(mapping, projection, side, seen, fresh=fresh):
                pairs |= self._write(mapping, projection, side, chunk, fresh=fresh)
                count += len(chunk)
        self.engine.db.execute("DELETE FROM stale_sides WHERE mapping = ?", (mapping,))
        return count, pairs

    def _forget(self, mapping: int) -> None:
        db = self.engine.db
        for table in ("sides", "uses", "stale_sides"):
            db.execute(f"DELETE FROM {table} WHERE mapping = ?", (mapping,))

    def _mark_dependents(self, mapping: int, seen: int) -> None:
        """Whoever looked at a record that changed since is projected again too."""
        db = self.engine.db
        for (kind,) in db.execute("SELECT id FROM kinds").fetchall():
            db.execute(
                "INSERT OR IGNORE INTO stale_sides SELECT u.mapping, u.side, u.record FROM records r"
                " JOIN uses u ON u.kind = r.kind AND u.rid = r.rid AND u.mapping = ?"
                " WHERE r.kind = ? AND r.seq > ?",
                (mapping, kind, seen),
            )

    def _stale(
        self, mapping: int, projection: Projection, side: SideName, seen: int, *, fresh: bool
    ) -> Iterator[list[tuple[int, str, bytes, str]]]:
        """Chunks of (record, rid, raw, gone) to project, in a stable order and constant memory."""
        kind = self.records.kind_id(*projection.mapping.side(side))
        columns = "SELECT id, rid, raw, gone, seq FROM records"
        last = 0 if fresh else seen
        while rows := self.engine.db.execute(
            f"{columns} WHERE kind = ? AND seq > ? ORDER BY seq LIMIT {CHUNK}", (kind, last)
        ).fetchall():
            yield [row[:4] for row in rows]
            last = rows[-1][4]
        if fresh:
            return
        last = 0
        while rows := self.engine.db.execute(
            f"{columns} WHERE id IN (SELECT record FROM stale_sides WHERE mapping = ? AND side = ? AND record > ?)"
            f" AND seq <= ? ORDER BY id LIMIT {CHUNK}",
            (mapping, SIDE[side], last, seen),
        ).fetchall():
            yield [row[:4] for row in rows]
            last = rows[-1][0]

    def _write(
        self,
        mapping: int,
        projection: Projection,
        side: SideName,
        rows: list[tuple[int, str, bytes, str]],
        *,
        fresh: bool,
    ) -> set[int]:
        number, system_kind = SIDE[side], projection.mapping.side(side)
        made, uses = [], []
        for record, rid, raw, gone in rows:
            projected = project_raw(projection, side, Ref(*system_kind, rid), raw, self.lookups, gone)
            made.append(_row(mapping, number, record, projected))
            uses += [
                (self.records.kind_id(used.system, used.kind), used.id, mapping, number, record)
                for used in projected.uses
            ]
        if fresh:
            self.engine.db.executemany(_INSERT, made)
        pairs = set() if fresh else self._replace(mapping, number, made)
        self.engine.db.executemany("INSERT OR IGNORE INTO uses VALUES (?, ?, ?, ?, ?)", uses)
        self._drop(row[:3] for row in made if row[SCOPE] not in KEPT_UNPAIRED)
        return pairs

    def _replace(self, mapping: int, side: int, made: list[tuple[Any, ...]]) -> set[int]:
        """Writes sides over what they were, touching only the indexes that must be; returns the pairs concerned."""
        db = self.engine.db
        if db.execute("SELECT 1 FROM uses WHERE mapping = ? LIMIT 1", (mapping,)).fetchone():
            db.executemany("DELETE FROM uses WHERE mapping = ? AND side = ? AND record = ?", [row[:3] for row in made])
        held = {row[0]: row for row in db.execute(_HELD, (mapping, side, json.dumps([row[2] for row in made])))}
        cells, whole = [], []
        for row in made:
            old = held.get(row[2])
            if old is not None and old[2:] == (*row[SCOPE:DATED], *row[KEYS:]):
                cells.append((row[HASH], *row[DATED:KEYS], *row[:3]))
            else:
                whole.append(row)
        db.executemany(_UPDATE_CELLS, cells)
        db.executemany(_UPSERT, whole)
        pairs = {row[1] for row in held.values() if row[1] is not None}
        return pairs | self._pairs_of(mapping, side, [row[2] for row in whole])

    def _drop(self, sides: Iterable[tuple[Any, ...]]) -> None:
        """Of (mapping, side, record) that do not take part, those that have no pair."""
        where = "mapping = ? AND side = ? AND record = ? AND +pair IS NULL"
        self.engine.db.executemany(f"DELETE FROM sides WHERE {where}", sides)

    def _pairs_of(self, mapping: int, side: int, records: list[int]) -> set[int]:
        rows = self.engine.db.execute(
            # The plus keeps SQLite from walking every pair there is.
            "SELECT pair FROM sides WHERE mapping = ? AND side = ? AND +pair IS NOT NULL"
            " AND record IN (SELECT value FROM json_each(?))",
            (mapping, side, json.dumps(records)),
        )
        return {pair for (pair,) in rows}

    def bring_in(self, mapping: int, left: int, right: int) -> None:
        """Has records projected that got a pair before they had a side: a person may match what takes no part."""
        self.engine.db.executemany(
            "INSERT OR IGNORE INTO stale_sides SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
            " (SELECT 1 FROM sides WHERE mapping = ?1 AND side = ?2 AND record = ?3)",
            [(mapping, 0, left), (mapping, 1, right)],
        )


def project_raw(projection: Projection, side: SideName, ref: Ref, raw: bytes, lookups: Lookups, gone: str) -> Side:
    """Projects stored bytes. What is no JSON object takes no part, and its body says why."""
    try:
        decoded = decode_record(raw)
    except Undecodable as error:
        return Side("poison", OUT[side], str(error), (), None, "", "", ref.id, frozenset())
    return projection.project(side, ref, decoded, lookups, gone)


def _row(mapping: int, side: int, record: int, projected: Side) -> tuple[Any, ...]:
    keys = projected.keys + (None,) * (MATCH_KEYS - len(projected.keys))
    return (
        mapping,
        side,
        record,
        mapping,
        side,
        record,
        projected.hash,
        projected.scope,
        projected.amount,
        projected.currency,
        projected.dated,
        projected.name,
        projected.body,
        *keys,
    )
