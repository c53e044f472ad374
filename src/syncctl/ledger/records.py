"""Records as the vendors sent them: stored page by page with their cursor, found again by Ref. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Final

from syncctl.fields.jsontext import decode_record
from syncctl.ledger import audit
from syncctl.ledger.engine import Engine
from syncctl.model import Page, Poison, Raw, Record, Ref, Window, digest

HASH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Stored:
    """What one page changed in the ledger, in records."""

    records: int = 0
    changed: int = 0
    gone: int = 0
    poison: int = 0

    def __add__(self, more: Stored) -> Stored:
        return Stored(
            self.records + more.records, self.changed + more.changed, self.gone + more.gone, self.poison + more.poison
        )


def content_hash(raw: bytes) -> bytes:
    """16 bytes that tell two raw records apart."""
    return blake2b(raw, digest_size=HASH_BYTES).digest()


class Records:
    """The records of one ledger. Methods that say so open their own transaction; the others join the caller's."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kinds: dict[tuple[str, str], int] = {}

    # --- kinds and cursors ---

    def kind_id(self, system: str, kind: str) -> int:
        """The ledger's number of a kind; made when it is new."""
        known = self._kinds.get((system, kind))
        if known is not None:
            return known
        db = self.engine.db
        row = db.execute("SELECT id FROM kinds WHERE system = ? AND kind = ?", (system, kind)).fetchone()
        if row is None:
            row = db.execute("INSERT INTO kinds (system, kind) VALUES (?, ?) RETURNING id", (system, kind)).fetchone()
        if not db.in_transaction:  # a number made in a transaction may yet be rolled back
            self._kinds[system, kind] = row[0]
        return int(row[0])

    def windows(self, system: str, kind: str) -> tuple[Window, ...]:
        """The kind's cursor; empty before the first page of a full pull."""
        number = self.kind_id(system, kind)
        row = self.engine.db.execute("SELECT windows FROM kinds WHERE id = ?", (number,)).fetchone()
        return tuple(Window(**window) for window in json.loads(row[0]))

    def pulled(self, system: str, kind: str) -> bool:
        """True once a pull of the kind stored anything, be it an empty page."""
        row = self.engine.db.execute(
            "SELECT 1 FROM kinds WHERE system = ? AND kind = ? AND pulled_at <> ''", (system, kind)
        ).fetchone()
        return row is not None

    def pulled_at(self, system: str, kind: str) -> str:
        """When a page of the kind was stored last, ISO-8601 UTC; empty when it was never pulled."""
        row = self.engine.db.execute(
            "SELECT pulled_at FROM kinds WHERE system = ? AND kind = ?", (system, kind)
        ).fetchone()
        return str(row[0]) if row else ""

    def start_full(self, system: str, kind: str) -> None:
        """Forgets the cursor and what was seen: the next pull reads everything. Own transaction."""
        number = self.kind_id(system, kind)
        with self.engine.write() as db:
            db.execute("UPDATE kinds SET windows = '[]', full_open = 1 WHERE id = ?", (number,))
            db.execute("DELETE FROM seen WHERE kind = ?", (number,))
            db.execute("UPDATE poison SET seen = 0 WHERE kind = ?", (number,))

    def start_pull(self, system: str, kind: str) -> None:
        """Forgets what an earlier pull saw, unless a full pull of it was cut short. Own transaction.

        A connector whose cursor is too old reads everything of its own accord; what counts as seen then is this pull.
        """
        number = self.kind_id(system, kind)
        with self.engine.write() as db:
            fresh = "(SELECT full_open FROM kinds WHERE id = ?1) = 0"
            db.execute(f"DELETE FROM seen WHERE kind = ?1 AND {fresh}", (number,))
            db.execute(f"UPDATE poison SET seen = 0 WHERE kind = ?1 AND {fresh}", (number,))

    # --- pages ---

    def store_page(self, system: str, kind: str, page: Page, at: str) -> Stored:
        """One page, in a transaction of its own; see store_pages."""
        return self.store_pages([(system, kind, page)], at)[0]

    def store_pages(self, pages: Sequence[tuple[str, str, Page]], at: str) -> list[Stored]:
        """Rows of (system, kind, page) and the cursors that follow them, in one transaction of its own.

        `at` is now, ISO-8601 UTC.
        """
        numbers = [self.kind_id(system, kind) for system, kind, _ in pages]
        if not pages:
            return []
        with self.engine.write():
            return [self._store_page(number, page, at) for number, (_, _, page) in zip(numbers, pages, strict=True)]

    def _store_page(self, number: int, page: Page, at: str) -> Stored:
        db = self.engine.db
        stored = self._store(number, page.records, at, seen=True)
        gone = self.note_gone(page.deleted, at)
        self._set_poison(number, page.poison, at)
        if page.complete:  # what a whole pull does not bring any more is no trouble any more
            db.execute("DELETE FROM poison WHERE kind = ? AND seen = 0", (number,))
        self.mark_unread(page.dirty)
        windows = json.dumps([asdict(window) for window in page.windows])
        complete = ", complete_at = :at, full_open = 0" if page.complete else ""
        db.execute(
            f"UPDATE kinds SET windows = :windows, pulled_at = :at{complete} WHERE id = :id",
            {"windows": windows, "at": at, "id": number},
        )
        return Stored(len(page.records), stored, gone, len(page.poison))

    def _store(
        self, number: int, records: Sequence[Record], at: str, *, seen: bool, whatever_stamp: bool = False
    ) -> int:
        """Stores what is new or changed, and not from before what is held by its stamp; returns how many."""
        if not records:
            return 0
        db = self.engine.db
        latest: dict[str, Record] = {}
        for record in records:
            first = latest.get(record.ref.id)
            if first is None or not _older(record, first.updated_at, first.version):
                latest[record.ref.id] = record
        listed = json.dumps(list(latest))
        held = {
            row[0]: row[1:]
            for row in db.execute(
                "SELECT rid, id, hash, updated_at, version, gone FROM records"
                " WHERE kind = ? AND rid IN (SELECT value FROM json_each(?))",
                (number, listed),
            )
        }
        new, changed = [], []
        for rid, record in latest.items():
            fingerprint = content_hash(record.lasting or record.raw)
            old = held.get(rid)
            if old is None:
                new.append((record, fingerprint))
            elif (old[1] != fingerprint or old[4]) and (whatever_stamp or not _older(record, old[2], old[3])):
                changed.append((old[0], record, fingerprint))
        made = self._write(number, new, changed, at) if new or changed else range(0)
        if seen:
            identities = sorted(row[0] for row in held.values())
            db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", [(number, one) for one in (*identities, *made)])
        db.execute("DELETE FROM poison WHERE kind = ? AND rid IN (SELECT value FROM json_each(?))", (number, listed))
        return len(new) + len(changed)

    def _write(
        self, number: int, new: list[tuple[Record, bytes]], changed: list[tuple[int, Record, bytes]], at: str
    ) -> range:
        """Writes rows; returns the ledger numbers of the new ones."""
        db = self.engine.db
        seq = self._take_seq(len(new) + len(changed))
        first = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM records").fetchone()[0])
        db.executemany(
            "INSERT INTO records (id, kind, rid, seq, hash, version, updated_at, raw, stored_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    first + place,
                    number,
                    record.ref.id,
                    seq + place + 1,
                    fingerprint,
                    record.version,
                    record.updated_at,
                    record.raw,
                    at,
                )
                for place, (record, fingerprint) in enumerate(new)
            ],
        )
        seq += len(new)
        self._keep_versions([identity for identity, _, _ in changed], at)
        db.executemany(
            "UPDATE records SET seq = ?, hash = ?, version = ?, updated_at = ?, gone = '', raw = ?, stored_at = ?"
            " WHERE id = ?",
            [
                (seq + place, fingerprint, record.version, record.updated_at, record.raw, at, identity)
                for place, (identity, record, fingerprint) in enumerate(changed, 1)
            ],
        )
        return range(first, first + len(new))

    def _take_seq(self, count: int) -> int:
        """Reserves `count` numbers of the ledger-wide sequence; returns the one before the first."""
        row = self.engine.db.execute(
            "UPDATE counters SET value = value + ? WHERE name = 'seq' RETURNING value", (count,)
        ).fetchone()
        return int(row[0]) - count

    def _keep_versions(self, identities: Iterable[int], at: str) -> None:
        self.engine.db.executemany(
            "INSERT INTO versions SELECT id, seq, ?, gone, raw, stored_at FROM records WHERE id = ?",
            [(at, identity) for identity in identities],
        )

    def note_gone(self, refs: Iterable[Ref], at: str) -> int:
        """Says that the vendor has these no more; the last raw stays. Returns how many are newly gone. Joins the
        caller's transaction."""
        count = 0
        for ref in refs:
            place = self.kind_id(ref.system, ref.kind), ref.id
            self.engine.db.execute("DELETE FROM poison WHERE kind = ? AND rid = ?", place)
            row = self.engine.db.execute(
                "SELECT id FROM records WHERE kind = ? AND rid = ? AND gone = ''", place
            ).fetchone()
            if row:
                self._keep_versions([row[0]], at)
                self.engine.db.execute(
                    "UPDATE records SET gone = 'deleted', seq = ?, stored_at = ? WHERE id = ?",
                    (self._take_seq(1) + 1, at, row[0]),
                )
                count += 1
        return count

    def unseen(self, system: str, kind: str) -> tuple[str, ...]:
        """After a complete full pull: ids the ledger holds that the pull did not bring."""
        number = self.kind_id(system, kind)
        rows = self.engine.db.execute(
            "SELECT rid FROM records WHERE kind = ? AND gone = ''"
            " AND id NOT IN (SELECT record FROM seen WHERE kind = ?)"
            " AND rid NOT IN (SELECT rid FROM poison WHERE kind = ?)",
            (number, number, number),
        )
        return tuple(row[0] for row in rows)

    def store_read(self, records: Sequence[Record], at: str, *, whatever_stamp: bool = False) -> int:
        """Stores records read by id, outside a pull. Own transaction."""
        with self.engine.write():
            return sum(self.store_receipt(record, at, whatever_stamp=whatever_stamp) for record in records)

    def store_receipt(self, record: Record, at: str, *, whatever_stamp: bool = False) -> int:
        """Stores a record that a write's answer held; returns 1 when it changed. Joins the caller's transaction."""
        number = self.kind_id(record.ref.system, record.ref.kind)
        self.engine.db.execute("DELETE FROM unread WHERE kind = ? AND rid = ?", (number, record.ref.id))
        return self._store(number, [record], at, seen=False, whatever_stamp=whatever_stamp)

    def changed_since(self, system: str, kind: str, seq: int) -> frozenset[int]:
        """The ledger numbers of a kind's records that changed after this number of the ledger-wide sequence."""
        rows = self.engine.db.execute(
            "SELECT id FROM records WHERE kind = ? AND seq > ?", (self.kind_id(system, kind), seq)
        )
        return frozenset(int(row[0]) for row in rows)

    # --- rows set aside and rows to read again ---

    def _set_poison(self, number: int, rows: Sequence[Poison], at: str) -> None:
        self.engine.db.executemany(
            "INSERT INTO poison (kind, rid, reason, since, raw) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, rid) DO UPDATE SET reason = excluded.reason, raw = excluded.raw, seen = 1",
            # Of two rows without an id each stays: `#` and the beginning of what they hold stand for it.
            [(number, row.id or f"#{digest(row.raw)[:8]}", row.reason, at, row.raw) for row in rows],
        )

    def poison(self) -> tuple[tuple[Ref, str, str], ...]:
        """Every row set aside: its Ref, the reason, since when."""
        rows = self.engine.db.execute(
            "SELECT system, k.kind, rid, reason, since FROM poison p JOIN kinds k ON k.id = p.kind ORDER BY 1, 2, 3"
        )
        return tuple((Ref(row[0], row[1], row[2]), row[3], row[4]) for row in rows)

    def mark_unread(self, refs: Iterable[Ref]) -> None:
        """These must be read again before the run ends. Joins the caller's transaction."""
        self.engine.db.executemany(
            "INSERT OR IGNORE INTO unread VALUES (?, ?)",
            [(self.kind_id(ref.system, ref.kind), ref.id) for ref in refs],
        )

    def unread(self) -> tuple[Ref, ...]:
        """What must be read again."""
        rows = self.engine.db.execute(
            "SELECT system, kinds.kind, rid FROM unread JOIN kinds ON kinds.id = unread.kind ORDER BY 1, 2, 3"
        )
        return tuple(Ref(*row) for row in rows)

    def clear_unread(self, refs: Iterable[Ref]) -> None:
        """These were read again. Own transaction."""
        with self.engine.write() as db:
            db.executemany(
                "DELETE FROM unread WHERE kind = ? AND rid = ?",
                [(self.kind_id(ref.system, ref.kind), ref.id) for ref in refs],
            )

    # --- reading back ---

    def raw(self, ref: Ref) -> Raw | None:
        """The decoded record, or None when the ledger has none; a record that is gone is still given.

        Raises Undecodable when it is no JSON object.
        """
        found = self.record(ref)
        return decode_record(found.raw) if found else None

    def record(self, ref: Ref) -> Record | None:
        """The stored record."""
        row = self.engine.db.execute(
            "SELECT raw, version, updated_at FROM records WHERE kind = ? AND rid = ?",
            (self.kind_id(ref.system, ref.kind), ref.id),
        ).fetchone()
        return Record(ref, row[0], row[1], row[2]) if row else None

    def ref_of(self, record: int) -> Ref:
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

    def number_of(self, ref: Ref) -> int | None:
        """The ledger number of a record."""
        row = self.engine.db.execute(
            "SELECT id FROM records WHERE kind = ? AND rid = ?", (self.kind_id(ref.system, ref.kind), ref.id)
        ).fetchone()
        return int(row[0]) if row else None

    def count(self, system: str, kind: str) -> int:
        """Records that are not gone."""
        row = self.engine.db.execute(
            "SELECT count(*) FROM records WHERE kind = ? AND gone = ''", (self.kind_id(system, kind),)
        ).fetchone()
        return int(row[0])

    # --- pins and schemas ---

    def pins(self) -> dict[str, tuple[str, str, bool]]:
        """Per system: company id, its name, live."""
        rows = self.engine.db.execute("SELECT system, company, name, live FROM pins")
        return {row[0]: (row[1], row[2], bool(row[3])) for row in rows}

    def pin(self, system: str, company: str, name: str, *, live: bool, at: str) -> None:
        """Ties a system of this ledger to one company for good. Own transaction."""
        with self.engine.write() as db:
            words = (system, company, name, int(live), at)
            if db.execute("INSERT OR IGNORE INTO pins VALUES (?, ?, ?, ?, ?)", words).rowcount:
                body = {"system": system, "company": company, "live": live}
                audit.append(db, at, "", "company.pinned", body, [("pins", (system,))])

    def set_schemas(self, schemas: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        """Keeps live schemas (system, kind, body), so that all after the pull works offline. Own transaction."""
        with self.engine.write() as db:
            db.executemany(
                "UPDATE kinds SET schema = ? WHERE id = ?",
                [(json.dumps(body, sort_keys=True), self.kind_id(system, kind)) for system, kind, body in schemas],
            )

    def schemas(self) -> tuple[str, ...]:
        """Every kept schema, as JSON."""
        rows = self.engine.db.execute("SELECT schema FROM kinds WHERE schema <> '' ORDER BY system, kind")
        return tuple(row[0] for row in rows)


def _older(record: Record, updated_at: str, version: str) -> bool:
    """True when what just arrived is an older state than what the ledger holds: a record never goes backwards."""
    now, held = _stamp(record.updated_at), _stamp(updated_at)
    if now and held and now != held:
        return now < held
    if record.version.isdigit() and version.isdigit():
        return int(record.version) < int(version)
    return False


def _stamp(text: str) -> str:
    """A UTC stamp so that texts sort like times: `12:00:00Z` is before `12:00:00.332Z` (HubSpot writes both)."""
    return text.removesuffix("Z").removesuffix("+00:00")
