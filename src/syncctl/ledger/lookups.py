"""What a value may look at beyond its own record: other records, partners, records that point here. I/O: SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.engine import Engine
from syncctl.ledger.records import Records
from syncctl.model import Raw, Ref
from syncctl.paths import Path, as_text, parse_path, read

REMEMBERED_MAX: Final = 4_096
SIDE: Final = {"left": 0, "right": 1}


class Lookups:
    """The Source of values/ over one ledger. Answers are remembered until `forget`."""

    def __init__(
        self, engine: Engine, records: Records, sides: Mapping[str, tuple[tuple[str, str], tuple[str, str]]]
    ) -> None:
        self.engine = engine
        self.records = records
        self._sides = sides
        self._mappings: dict[str, int] = {}
        self._raws: dict[Ref, Raw | None] = {}
        self._pairs: dict[tuple[str, Ref], int | None] = {}

    def forget(self) -> None:
        """Records or pairs changed, or a transaction that made a mapping's number was rolled back."""
        self._mappings.clear()
        self._raws.clear()
        self._pairs.clear()

    def mapping_id(self, name: str) -> int:
        """The ledger's number of a mapping; made when it is new."""
        known = self._mappings.get(name)
        if known is None:
            db = self.engine.db
            db.execute("INSERT OR IGNORE INTO mappings (name) VALUES (?)", (name,))
            known = int(db.execute("SELECT id FROM mappings WHERE name = ?", (name,)).fetchone()[0])
            self._mappings[name] = known
        return known

    def record(self, ref: Ref) -> Raw | None:
        """The record a reference names."""
        if ref not in self._raws:
            if len(self._raws) >= REMEMBERED_MAX:
                self._raws.clear()
            self._raws[ref] = self.records.raw(ref)
        return self._raws[ref]

    def pair(self, mapping: str, ref: Ref) -> int | None:
        """The number of the record's pair in a mapping."""
        key = (mapping, ref)
        if key not in self._pairs:
            if len(self._pairs) >= REMEMBERED_MAX:
                self._pairs.clear()
            self._pairs[key] = self._find_pair(mapping, ref)
        return self._pairs[key]

    def _find_pair(self, mapping: str, ref: Ref) -> int | None:
        row = self.engine.db.execute(
            "SELECT pair FROM pair_members WHERE mapping = ? AND side = ?"
            " AND record = (SELECT id FROM records WHERE kind = ? AND rid = ?)",
            (
                self.mapping_id(mapping),
                SIDE[self.side_of(mapping, ref)],
                self.records.kind_id(ref.system, ref.kind),
                ref.id,
            ),
        ).fetchone()
        return int(row[0]) if row else None

    def side_of(self, mapping: str, ref: Ref) -> str:
        """Which side of a mapping a record's kind is."""
        return "left" if self._sides[mapping][0] == (ref.system, ref.kind) else "right"

    def partner(self, mapping: str, ref: Ref) -> Ref | None:
        """The record's partner in a mapping: the oldest where there are several."""
        number = self.pair(mapping, ref)
        if number is None:
            return None
        there = 1 - SIDE[self.side_of(mapping, ref)]
        row = self.engine.db.execute(
            "SELECT k.system, k.kind, r.rid FROM pair_members m JOIN records r ON r.id = m.record"
            " JOIN kinds k ON k.id = r.kind WHERE m.pair = ? AND m.side = ? ORDER BY m.record LIMIT 1",
            (number, there),
        ).fetchone()
        return Ref(*row) if row else None

    def pointing_here(self, system: str, kind: str, path: str, value: str) -> tuple[tuple[Ref, Raw], ...]:
        """Records of a kind whose value at `path` is `value`, by id."""
        number = self.records.kind_id(system, kind)
        self._index(number, path)
        rows = self.engine.db.execute(
            "SELECT r.rid, r.raw FROM lookups l JOIN records r ON r.id = l.record"
            " WHERE l.kind = ? AND l.path = ? AND l.value = ? AND r.gone = '' ORDER BY r.rid",
            (number, path, value),
        )
        return tuple((Ref(system, kind, rid), decode_json(raw)) for rid, raw in rows)

    def refresh(self) -> None:
        """Brings every index up to date, and marks those who looked through one for what changed."""
        for kind, path in self.engine.db.execute("SELECT kind, path FROM lookup_paths").fetchall():
            self._index(kind, path)

    def _index(self, kind: int, path: str) -> None:
        """Brings the index of one path of one kind up to date: only what changed since is decoded."""
        db = self.engine.db
        row = db.execute("SELECT seen_seq FROM lookup_paths WHERE kind = ? AND path = ?", (kind, path)).fetchone()
        seen = row[0] if row else 0
        newest = db.execute("SELECT max(seq) FROM records WHERE kind = ?", (kind,)).fetchone()[0] or 0
        if newest <= seen and row:
            return
        parsed = parse_path(path)
        changed = db.execute("SELECT id FROM records WHERE kind = ? AND seq > ?", (kind, seen)).fetchall()
        for (record,) in changed:
            self._index_record(kind, path, parsed, record)
        db.execute(
            "INSERT INTO lookup_paths VALUES (?, ?, ?)"
            " ON CONFLICT (kind, path) DO UPDATE SET seen_seq = excluded.seen_seq",
            (kind, path, newest),
        )

    def _index_record(self, kind: int, path: str, parsed: Path, record: int) -> None:
        db = self.engine.db
        raw = db.execute("SELECT raw FROM records WHERE id = ?", (record,)).fetchone()[0]
        before = {row[0] for row in db.execute(_OWN_VALUES, (kind, path, record))}
        after = _values(raw, parsed)
        if before != after:
            db.execute("DELETE FROM lookups WHERE kind = ? AND path = ? AND record = ?", (kind, path, record))
            db.executemany("INSERT INTO lookups VALUES (?, ?, ?, ?)", [(kind, path, value, record) for value in after])
        db.executemany(MARK_USERS, [(kind, f"{path}={value}") for value in before | after])


def _values(raw: bytes, path: Path) -> set[str]:
    """Under what a record is found; under nothing where it cannot be read."""
    try:
        return {as_text(value) for value in read(decode_json(raw), path)}
    except Undecodable:
        return set()


_OWN_VALUES: Final = "SELECT value FROM lookups WHERE kind = ? AND path = ? AND record = ?"
MARK_USERS: Final = (
    "INSERT OR IGNORE INTO stale_sides SELECT mapping, side, record FROM uses WHERE kind = ? AND rid = ?"
)
"""Everyone whose side looked at a record (kind, id) is projected again."""
