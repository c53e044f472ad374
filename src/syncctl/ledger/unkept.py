"""What a vendor took and did not keep: fields of a pair, with how both sides stood when that was seen. I/O: SQL.

A row holds a field back from being written again for as long as both sides and the mapping stand as they did then; any
of them moving takes the row away for good, so that the same value may be written again later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from syncctl.ledger.engine import Engine
from syncctl.model import SideName


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


class Unkept:
    """The fields of one ledger that their vendors did not keep. Methods join the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

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
