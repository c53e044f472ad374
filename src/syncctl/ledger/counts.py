"""What was compared of a mapping without amounts: how many pairs and records, and what became of them. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from syncctl.ledger.engine import Engine
from syncctl.statement_line import Counts, SideTotal, Single, StatementLine

_PAIRED: Final = (
    "WITH told AS (SELECT CAST(substr(subject, 6) AS INTEGER) AS pair, max(accepted = '') AS open FROM findings"
    " WHERE mapping = :mapping AND subject GLOB 'pair:*' GROUP BY subject)"
    " SELECT g.whole, t.open, count(*), sum(g.lefts), sum(g.rights) FROM (SELECT pair, min(side) <> max(side) AS whole,"
    " sum(1 - side) AS lefts, sum(side) AS rights FROM sides WHERE mapping = :mapping AND pair IS NOT NULL"
    " AND scope = '' GROUP BY pair) g LEFT JOIN told t ON t.pair = g.pair GROUP BY 1, 2"
)
"""Pairs and their records in scope, by whether both sides are, and whether a finding that speaks of the pair is open
(NULL: none speaks of it)."""
_ALONE: Final = (
    "SELECT f.open, count(*) FROM sides s LEFT JOIN (SELECT json_extract(value, '$[0]') AS record,"
    " json_extract(value, '$[1]') AS open FROM json_each(:spoken_of)) f ON f.record = s.record"
    " WHERE s.mapping = :mapping AND s.pair IS NULL AND s.side = :side AND s.scope = '' GROUP BY 1"
)
"""A side's records that are in no pair, in the same way."""

Spoken = Mapping[int, tuple[bool, bool]]
"""Records that findings speak of: whether a person accepted one, and whether one is open."""


def count_line(
    engine: Engine, mapping: int, name: str, spoken_of: tuple[Spoken, Spoken], *, unmatched: tuple[bool, bool]
) -> StatementLine:
    """The line of a mapping without amounts. `unmatched` says for (left, right) whether a record without a partner is
    news."""
    rows = engine.db.execute(_PAIRED, {"mapping": mapping}).fetchall()
    pairs = {row[1]: int(row[2]) for row in rows if row[0]}
    sides = []
    for side in (0, 1):
        alone = _alone(engine, mapping, side, spoken_of[side])
        for whole, open_, _, *records in rows:
            if not whole:
                alone[open_] = alone.get(open_, 0) + int(records[side])
        matched = sum(int(row[3 + side]) for row in rows if row[0])
        total = SideTotal(records=matched + sum(alone.values()), matched=matched)
        sides.append((total, _single(alone, news=unmatched[side])))
    (left, lefts), (right, rights) = sides
    counts = Counts(pairs.get(None, 0), pairs.get(1, 0), pairs.get(0, 0), lefts, rights)
    return StatementLine(name, "", left, right, counts=counts)


def _alone(engine: Engine, mapping: int, side: int, spoken_of: Spoken) -> dict[int | None, int]:
    told = json.dumps([[record, int(open_)] for record, (_, open_) in spoken_of.items()])
    return dict(engine.db.execute(_ALONE, {"mapping": mapping, "side": side, "spoken_of": told}).fetchall())


def _single(alone: Mapping[int | None, int], *, news: bool) -> Single:
    """What no finding speaks of is missing where that is news; else nobody compares it."""
    untold = alone.get(None, 0)
    return Single(alone.get(1, 0) + (untold if news else 0), alone.get(0, 0), 0 if news else untold)
