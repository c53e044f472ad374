"""Which record a create of ours made from which: known from the moment its outcome is committed. I/O: SQL.

The journal is the only source, so a made record and its source belong together whatever the match rules say of them,
and whether or not the vendor kept anything they could be matched by.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import SIDE
from syncctl.ledger.records import Records
from syncctl.mapping.language import other
from syncctl.model import Change, Ref, SideName

MADE_BY_US: Final = "made by us"
"""The rule of a pair whose one record was made from the other."""
_MADE: Final = (
    "o.state = 'applied' AND o.ref <> '' AND json_extract(o.change, '$.action') = 'create'"
    " AND json_extract(o.change, '$.mapping') = :mapping"
)
_SOURCE: Final = "json_extract(o.change, '$.source.id')"
_REAL: Final = (
    f"coalesce((SELECT substr(p.ref, length(:source) + 1) FROM operations p WHERE p.plan = o.plan"
    f" AND p.target = :source || {_SOURCE} AND p.state = 'applied' AND p.ref <> ''), {_SOURCE})"
)
"""The id of the source; one that the same plan made has its real id in the operation that made it."""
_ALONE: Final = (
    "NOT EXISTS (SELECT 1 FROM pair_members m WHERE m.mapping = :number AND m.side = {} AND m.record = {}.id)"
)
_UNPAIRED: Final = (
    f"SELECT s.id, t.id FROM operations o"
    f" JOIN records t ON t.kind = :made_kind AND t.rid = substr(o.ref, length(:made) + 1)"
    f" JOIN records s ON s.kind = :source_kind AND s.rid = {_REAL}"
    f" WHERE {_MADE} AND substr(o.ref, 1, length(:made)) = :made"
    f" AND ({_ALONE.format(':source_side', 's')} OR {_ALONE.format('1 - :source_side', 't')}) ORDER BY o.number"
)
_WAKE: Final = (
    "INSERT OR IGNORE INTO stale_sides SELECT d.mapping, d.side, d.record FROM mappings m"
    " JOIN kinds k ON k.system = ? AND k.kind = ? JOIN records r ON r.kind = k.id AND r.rid = ?"
    " JOIN sides d ON d.mapping = m.id AND d.record = r.id WHERE m.name = ?"
)


class Made:
    """What creates of ours made, by source."""

    def __init__(self, engine: Engine, records: Records) -> None:
        self.engine = engine
        self.records = records

    def unpaired(
        self, mapping: str, number: int, side: SideName, kinds: dict[SideName, tuple[str, str]]
    ) -> list[tuple[int, int]]:
        """(source, made) as ledger numbers, the sources on `side`, where one of the two has no partner; oldest first.

        `number` is the mapping's; `kinds` are the (system, kind) of both sides.
        """
        source, made = kinds[side], kinds[other(side)]
        words = {
            "mapping": mapping,
            "number": number,
            "source": f"{source[0]}:{source[1]}:",
            "made": f"{made[0]}:{made[1]}:",
            "source_side": SIDE[side],
            "source_kind": self.records.kind_id(*source),
            "made_kind": self.records.kind_id(*made),
        }
        return self.engine.db.execute(_UNPAIRED, words).fetchall()

    def of(self, mapping: str, source: Ref) -> tuple[Ref, ...]:
        """What was made from a record, the newest first."""
        rows = self.engine.db.execute(
            f"SELECT o.ref FROM operations o WHERE {_MADE} AND {_SOURCE} = :id ORDER BY o.number DESC",
            {"mapping": mapping, "id": source.id},
        )
        return tuple(Ref.parse(row[0]) for row in rows)


def wake_source(db: sqlite3.Connection, change: Change) -> None:
    """Has the source of a create looked at again, though neither record needs to change: it has a partner now."""
    if change.source is not None:
        db.execute(_WAKE, (change.source.system, change.source.kind, change.source.id, change.mapping))
