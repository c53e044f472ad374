"""What a vendor took and did not keep: fields of a pair, with how both sides stood when that was seen. I/O: SQL.

A row holds a field back from being written again for as long as both sides and the mapping stand as they did then; any
of them moving takes the row away for good, so that the same value may be written again later.

What a vendor kept and somebody or something there changed back later is in no row: the journal shows it.

The audit chain seals none of these rows, although they stop writes: each only says what a sealed row (the applied
write) and the pulled records say together, and goes by itself once a record or the mapping moves. One that was put in
by hand hides nothing: its finding stays open, and every page says that it is not sent and what to do; `ledger verify`
names one about a record that no write of the journal reached. One that was taken out by hand costs one more write of
the same value, which its plan shows first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from syncctl.fields.jsontext import decode_json
from syncctl.ledger.engine import Engine
from syncctl.ledger.sealing import Row
from syncctl.model import Change, Raw, Ref, SideName
from syncctl.planfile import change_from_json


@dataclass(frozen=True, slots=True)
class NotKept:
    """A field that was written toward one side of a pair (ledger numbers of the two records) and read back other than
    it was meant.
    """

    mapping: int
    left: int
    right: int
    toward: SideName
    field: str


@dataclass(frozen=True, slots=True)
class Written:
    """One applied write of a record: its operation, when, what, and the record as it was right before. `released`: a
    person wants what it wrote to be tried again.
    """

    operation: str
    at: str
    change: Change
    base: Raw
    released: bool


_AS_NOW: Final = (
    "SELECT l.hash || ' ' || l.scope AS left_side, r.hash || ' ' || r.scope AS right_side, m.projection || m.verdicts"
    " AS words FROM mappings m JOIN sides l ON l.mapping = m.id AND l.side = 0 AND l.record = {left}"
    " JOIN sides r ON r.mapping = m.id AND r.side = 1 AND r.record = {right} WHERE m.id = {mapping}"
)
_NOTE: Final = (
    "INSERT OR REPLACE INTO unkept SELECT ?1, ?2, ?3, ?4, ?5, left_side, right_side, words FROM"
    f" ({_AS_NOW.format(mapping='?1', left='?2', right='?3')})"
)
_MOVED: Final = (
    "DELETE FROM unkept WHERE NOT EXISTS (SELECT 1 FROM"
    f" ({_AS_NOW.format(mapping='unkept.mapping', left='unkept.left_record', right='unkept.right_record')}) now"
    " WHERE now.left_side = unkept.left_side AND now.right_side = unkept.right_side AND now.words = unkept.words)"
)
_FIELDS: Final = (
    "SELECT u.field FROM unkept u JOIN sides l ON l.mapping = u.mapping AND l.side = 0 AND l.record = u.left_record"
    " JOIN sides r ON r.mapping = u.mapping AND r.side = 1 AND r.record = u.right_record"
    " WHERE u.mapping = ? AND u.left_record = ? AND u.right_record = ? AND u.toward = ?"
    " AND l.hash || ' ' || l.scope = u.left_side AND r.hash || ' ' || r.scope = u.right_side"
)
_FORGET: Final = (
    "DELETE FROM unkept WHERE mapping = ? AND left_record = ? AND right_record = ? AND toward = ? AND field = ?"
)
_LOOKED_AT, _RELEASED = 1, 2
"""Of an applied operation: whether its vendor kept it was looked at; a person wants what it wrote to be tried again."""


class Unkept:
    """The fields of one ledger that their vendors did not keep. Methods join the caller's transaction. `tries` is how
    often a value is written that is found changed back each time; 0 is for ever.
    """

    def __init__(self, engine: Engine, tries: int) -> None:
        self.engine = engine
        self.tries = tries

    def note(self, fields: Iterable[NotKept]) -> None:
        """Remembers fields, with how both sides stand now."""
        rows = [(one.mapping, one.left, one.right, one.toward, one.field) for one in fields]
        self.engine.db.executemany(_NOTE, rows)

    def any(self) -> bool:
        """True when there is any."""
        return self.engine.db.execute("SELECT 1 FROM unkept LIMIT 1").fetchone() is not None

    def release(self) -> None:
        """Forgets every field of which a side or the mapping moved."""
        self.engine.db.execute(_MOVED)

    def fields(self, mapping: int, left: int, right: int, toward: SideName) -> frozenset[str]:
        """The fields of a pair that are not written again toward a side, as both stand now."""
        return frozenset(row[0] for row in self.engine.db.execute(_FIELDS, (mapping, left, right, toward)))

    def written(self, ref: Ref) -> Iterator[Written]:
        """What was written to a record, whichever mapping wrote it, newest first; not what was as wanted already."""
        rows = self.engine.db.execute(
            "SELECT id, updated_at, sent, base, checked FROM operations"
            " WHERE target = ? AND state = 'applied' AND checked >= ? AND sent <> '' ORDER BY number DESC",
            (str(ref), _LOOKED_AT),
        )
        for identity, at, change, base, checked in rows:
            raw = decode_json(base) if base else {}
            yield Written(identity, at, change_from_json(change), raw, checked == _RELEASED)

    def try_again(self, fields: Iterable[NotKept], writes: Iterable[str]) -> tuple[Row, ...]:
        """Forgets that fields were not kept, and that writes (ids of operations) were changed back: what they wrote is
        written again. Returns the rows that an audit event answers for.
        """
        gone = [(one.mapping, one.left, one.right, one.toward, one.field) for one in fields]
        self.engine.db.executemany(_FORGET, gone)
        again = [(_RELEASED, identity) for identity in writes]
        self.engine.db.executemany("UPDATE operations SET checked = ? WHERE id = ?", again)
        return tuple(("operations", (identity,)) for _, identity in again)
