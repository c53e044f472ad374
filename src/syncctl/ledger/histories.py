"""What became of a record over time: its first state in the ledger, and whether its vendor still has it. I/O: SQL."""

from __future__ import annotations

from syncctl.fields.jsontext import decode_record
from syncctl.ledger.engine import Engine
from syncctl.ledger.records import Records
from syncctl.model import Raw, Ref


class Histories:
    """The past of one ledger's records."""

    def __init__(self, engine: Engine, records: Records) -> None:
        self.engine = engine
        self.records = records

    def first(self, ref: Ref) -> Raw | None:
        """The record as it came into the ledger; None when it never did. Raises Undecodable."""
        row = self.engine.db.execute(
            "SELECT raw FROM versions WHERE record = ? ORDER BY seq LIMIT 1", (self.records.number_of(ref),)
        ).fetchone()
        return decode_record(row[0]) if row else self.records.raw(ref)

    def gone(self, ref: Ref) -> bool:
        """True when its vendor has the record no more."""
        row = self.engine.db.execute(
            "SELECT gone <> '' FROM records WHERE id = ?", (self.records.number_of(ref),)
        ).fetchone()
        return bool(row and row[0])
