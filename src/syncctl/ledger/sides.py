"""Canonical sides: projected when a record or what it looks at changed, joined by pair id. I/O: SQL.

Each method works on one mapping inside the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple

from syncctl.fields import Undecodable, decode_record
from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import SIDE, Lookups
from syncctl.ledger.migrations import MATCH_KEYS
from syncctl.ledger.records import Records
from syncctl.match import Group
from syncctl.model import Raw, Ref, SideName
from syncctl.projection import OUT, Projection, Side

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
_BOTH_SIDES: Final = (
    " CROSS JOIN sides l ON l.mapping = :mapping AND l.side = 0 AND l.pair = {pair}"
    " CROSS JOIN sides r ON r.mapping = :mapping AND r.side = 1 AND r.pair = {pair}"
)
_UPDATE_CELLS: Final = (
    "UPDATE sides SET hash = ?, dated = ?, name = ?, body = ? WHERE mapping = ? AND side = ? AND record = ?"
)


class Unequal(NamedTuple):
    """A pair whose sides differ: record numbers, hashes, standing, bodies, and the base of the last agreement."""

    pair: int
    left: int
    right: int
    left_hash: int
    right_hash: int
    left_scope: str
    right_scope: str
    left_body: str
    right_body: str
    base: str
    agreed: int


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

    # --- matching ---

    def groups(self, mapping: int, rule: int, many: str) -> Iterator[Group]:
        """Unmatched records that share a rule's key with an unmatched record of the other side, key by key."""
        key = f"k{rule}"
        free = {0: "AND s.pair IS NULL", 1: "AND s.pair IS NULL"}
        if many:
            free[1 if many == "left" else 0] = ""  # the shared partner may have others already
        candidates = {
            number: f"s.mapping = :mapping AND s.side = {number} AND s.{key} IS NOT NULL {free[number]}"
            " AND s.scope IN ('', 'archived')"
            for number in (0, 1)
        }
        others = {number: candidates[1 - number].replace("s.", "o.") for number in (0, 1)}
        # The index of a key holds only what has no pair: with `many` the other side's keys are listed once instead.
        has_other = "s.{key} IN (SELECT o.{key} FROM sides o WHERE {other})"
        if not many:
            has_other = "EXISTS (SELECT 1 FROM sides o WHERE {other} AND o.{key} = s.{key})"
        parts = [
            f"SELECT s.{key} AS key, {number} AS side, s.record AS record FROM sides s"
            f" WHERE {candidates[number]} AND {has_other.format(key=key, other=others[number])}"
            for number in (0, 1)
        ]
        rows = self.engine.db.execute(f"{' UNION ALL '.join(parts)} ORDER BY key, side, record", {"mapping": mapping})
        for _, members in groupby(rows, key=lambda row: row[0]):
            listed = list(members)
            left = tuple(record for _, side, record in listed if side == 0)
            right = tuple(record for _, side, record in listed if side == 1)
            yield Group(left, right)

    def texts(self, mapping: int, rule: int, side: SideName) -> list[tuple[int, str]]:
        """(record, text) of the unmatched records of a side, for a rule that compares by likeness."""
        return self.engine.db.execute(
            f"SELECT record, k{rule} FROM sides WHERE mapping = ? AND side = ? AND pair IS NULL AND k{rule} IS NOT NULL"
            " AND scope IN ('', 'archived') ORDER BY record",
            (mapping, SIDE[side]),
        ).fetchall()

    def unmatched(self, mapping: int, side: SideName) -> Iterator[tuple[int, str, int]]:
        """(record, name, hash) of everything on a side that takes part and has no partner."""
        return iter(
            self.engine.db.execute(
                # The plus keeps SQLite from walking all records in order to find the few without a pair.
                "SELECT record, name, hash FROM sides WHERE mapping = ? AND side = ? AND pair IS NULL AND scope = ''"
                " ORDER BY +record",
                (mapping, SIDE[side]),
            )
        )

    def unreadable(self, mapping: int, side: SideName) -> Iterator[tuple[int, str]]:
        """(record, reason) of everything on a side that could not be read and has no partner."""
        return iter(
            self.engine.db.execute(
                "SELECT record, body FROM sides WHERE mapping = ? AND side = ? AND pair IS NULL AND scope = 'poison'"
                " ORDER BY +record",
                (mapping, SIDE[side]),
            )
        )

    def ref(self, record: int) -> Ref:
        """Which record a ledger number is."""
        row = self.engine.db.execute(
            "SELECT k.system, k.kind, r.rid FROM records r JOIN kinds k ON k.id = r.kind WHERE r.id = ?", (record,)
        ).fetchone()
        return Ref(row[0], row[1], row[2])

    def stored(self, record: int) -> tuple[Ref, Raw]:
        """A record by its ledger number. Raises Undecodable when it is no JSON object."""
        row = self.engine.db.execute(
            "SELECT k.system, k.kind, r.rid, r.raw FROM records r JOIN kinds k ON k.id = r.kind WHERE r.id = ?",
            (record,),
        ).fetchone()
        return Ref(row[0], row[1], row[2]), decode_record(row[3])

    def record_id(self, ref: Ref) -> int | None:
        """The ledger number of a record."""
        row = self.engine.db.execute(
            "SELECT id FROM records WHERE kind = ? AND rid = ?", (self.records.kind_id(ref.system, ref.kind), ref.id)
        ).fetchone()
        return int(row[0]) if row else None

    # --- comparing ---

    def unequal(self, mapping: int) -> Iterator[Unequal]:
        """Every pair whose hashes differ, from one walk over a covering index; only the unequal are expanded.

        Both sides of a pair stand next to each other there. CROSS JOIN keeps SQLite to this order; left alone it
        reads every side's row before it compares the hashes.
        """
        return self._expand(
            "SELECT l.pair AS pair, l.id AS lid, r.id AS rid FROM (SELECT pair FROM sides INDEXED BY sides_pair"
            " WHERE mapping = :mapping AND pair IS NOT NULL GROUP BY pair HAVING min(hash) <> max(hash)) u"
            f"{_BOTH_SIDES.format(pair='u.pair')} WHERE l.hash <> r.hash",
            {"mapping": mapping},
        )

    def unequal_of(self, mapping: int, pairs: set[int]) -> Iterator[Unequal]:
        """The same for some pairs only."""
        self._concern(pairs)
        return self._expand(
            "SELECT l.pair AS pair, l.id AS lid, r.id AS rid FROM concerned c"
            f"{_BOTH_SIDES.format(pair='c.pair')} WHERE l.hash <> r.hash",
            {"mapping": mapping},
        )

    def _concern(self, pairs: set[int]) -> None:
        db = self.engine.db
        db.execute("CREATE TEMP TABLE IF NOT EXISTS concerned (pair INTEGER PRIMARY KEY)")
        db.execute("DELETE FROM concerned")
        db.executemany("INSERT INTO concerned VALUES (?)", [(pair,) for pair in sorted(pairs)])

    def _expand(self, pairs: str, words: Any) -> Iterator[Unequal]:
        cursor = self.engine.db.execute(
            "SELECT u.pair, l.record, r.record, l.hash, r.hash, l.scope, r.scope, l.body, r.body, p.base,"
            " p.agreed_left IS l.hash AND p.agreed_right IS r.hash"
            f" FROM ({pairs}) u CROSS JOIN sides l ON l.id = u.lid CROSS JOIN sides r ON r.id = u.rid"
            " CROSS JOIN pairs p ON p.id = u.pair",
            words,
        )
        return (Unequal(*row) for row in cursor)

    def body(self, mapping: int, side: SideName, record: int) -> tuple[str, str] | None:
        """(body, standing) of one side."""
        row = self.engine.db.execute(
            "SELECT body, scope FROM sides WHERE mapping = ? AND side = ? AND record = ?", (mapping, SIDE[side], record)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def newly_equal(self, mapping: int, pairs: set[int] | None) -> list[tuple[int, int, int, str]]:
        """(pair, left hash, right hash, left body) of equal pairs whose agreement is not remembered as it stands.

        Of these pairs only; None: of all.
        """
        only, here = "", "l.pair IS NOT NULL"
        if pairs is not None:
            self._concern(pairs)
            only, here = "concerned c CROSS JOIN ", "l.pair = c.pair"
        return self.engine.db.execute(
            f"SELECT l.pair, l.hash, r.hash, l.body FROM {only}sides l CROSS JOIN sides r ON r.mapping = l.mapping"
            " AND r.side = 1 AND r.pair = l.pair AND r.hash = l.hash CROSS JOIN pairs p ON p.id = l.pair"
            f" WHERE l.mapping = ? AND l.side = 0 AND {here}"
            " AND NOT (p.agreed_left IS l.hash AND p.agreed_right IS r.hash)",
            (mapping,),
        ).fetchall()

    def unpaired_keys(self, mapping: int, side: SideName, rule: int) -> list[tuple[int, str, str]]:
        """(record, name, key) of the records of a side that have a key under a rule and no pair."""
        return self.engine.db.execute(
            f"SELECT record, name, k{rule} FROM sides WHERE mapping = ? AND side = ? AND pair IS NULL"
            f" AND k{rule} IS NOT NULL AND scope IN ('', 'archived') ORDER BY record",
            (mapping, SIDE[side]),
        ).fetchall()

    def key(self, mapping: int, side: SideName, record: int, rule: int) -> str | None:
        """The key a record has under a rule."""
        row = self.engine.db.execute(
            f"SELECT k{rule} FROM sides WHERE mapping = ? AND side = ? AND record = ?", (mapping, SIDE[side], record)
        ).fetchone()
        return row[0] if row else None

    def count_with_key(self, mapping: int, side: SideName, rule: int, key: str) -> int:
        """How many records of a side have a key, paired or not."""
        row = self.engine.db.execute(
            f"SELECT count(*) FROM sides WHERE mapping = ? AND side = ? AND k{rule} = ?", (mapping, SIDE[side], key)
        ).fetchone()
        return int(row[0])

    def in_scope(self, mapping: int, side: SideName) -> int:
        """How many records of a side take part."""
        row = self.engine.db.execute(
            "SELECT count(*) FROM sides WHERE mapping = ? AND side = ? AND scope = ''", (mapping, SIDE[side])
        ).fetchone()
        return int(row[0])


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
