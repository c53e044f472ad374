"""Records found by what a person calls them: a name, a number, an id, the key of a match rule. I/O: SQL."""

from __future__ import annotations

from typing import Final, NamedTuple

from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import SIDE
from syncctl.model import Money, Ref, SideName
from syncctl.statement import major


class Named(NamedTuple):
    """A record and what people call it."""

    ref: Ref
    name: str


_RECORD: Final = "k.system, k.kind, r.rid"
_JOINED: Final = "JOIN records r ON r.id = s.record JOIN kinds k ON k.id = r.kind"


class Names:
    """The names in one ledger."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def called(self, text: str) -> tuple[Named, ...]:
        """Every record of a mapping that has exactly this name, number or id; case does not matter."""
        rows = self.engine.db.execute(
            f"SELECT DISTINCT {_RECORD}, s.name FROM sides s {_JOINED}"
            " WHERE s.name = :text COLLATE NOCASE OR s.record IN (SELECT id FROM records WHERE rid = :text)"
            " ORDER BY k.system, k.kind, r.rid",
            {"text": text},
        ).fetchall()
        return tuple({(ref := Ref(*row[:3])): Named(ref, row[3]) for row in rows}.values())

    def in_mapping(self, mapping: int, ref: Ref) -> tuple[str, Money | None]:
        """What a mapping calls one of its records, and the amount it counts; empty where it does not take part."""
        row = self.engine.db.execute(
            f"SELECT s.name, s.amount, s.currency FROM sides s {_JOINED}"
            " WHERE s.mapping = ? AND s.side IN (0, 1) AND k.system = ? AND k.kind = ? AND r.rid = ?",
            (mapping, ref.system, ref.kind, ref.id),
        ).fetchone()
        if row is None:
            return "", None
        return row[0], None if row[1] is None else Money(major(row[1]), row[2] or "")

    def with_key(self, mapping: int, side: SideName, rule: int, key: str, limit: int) -> tuple[Named, ...]:
        """Records of a side that have a key under a rule, paired or not."""
        rows = self.engine.db.execute(
            f"SELECT {_RECORD}, s.name FROM sides s {_JOINED}"
            f" WHERE s.mapping = ? AND s.side = ? AND s.k{rule} = ? ORDER BY r.rid LIMIT ?",
            (mapping, SIDE[side], key, limit),
        ).fetchall()
        return tuple(Named(Ref(*row[:3]), row[3]) for row in rows)
