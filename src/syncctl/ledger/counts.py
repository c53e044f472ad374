"""What was compared of a mapping without amounts: how many pairs and records, and what became of them. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from syncctl.ledger.engine import Engine
from syncctl.model import HOLD_NOTE
from syncctl.statement import SAID, Said
from syncctl.statement_line import Counts, SideTotal, Single, StatementLine

WEIGHT: Final = f"CASE WHEN f.accepted = '' THEN 3 WHEN f.note GLOB '{HOLD_NOTE}*' THEN 2 ELSE 1 END"
"""What a finding says, as its place in `SAID`: of several that speak of one thing the highest counts."""
_PAIRED: Final = (
    f"WITH told AS (SELECT CAST(substr(f.subject, 6) AS INTEGER) AS pair, max({WEIGHT}) AS weight FROM findings f"
    " WHERE f.mapping = :mapping AND f.subject GLOB 'pair:*' GROUP BY f.subject)"
    " SELECT g.whole, coalesce(t.weight, 0), count(*), sum(g.lefts), sum(g.rights) FROM (SELECT pair,"
    " min(side) <> max(side) AS whole, sum(1 - side) AS lefts, sum(side) AS rights FROM sides"
    " WHERE mapping = :mapping AND pair IS NOT NULL AND scope = '' GROUP BY pair) g"
    " LEFT JOIN told t ON t.pair = g.pair GROUP BY 1, 2"
)
"""Pairs and their records in scope, by whether both sides are, and what the findings say that speak of the pair."""
_ALONE: Final = (
    "SELECT coalesce(f.weight, 0), count(*) FROM sides s LEFT JOIN (SELECT json_extract(value, '$[0]') AS record,"
    " json_extract(value, '$[1]') AS weight FROM json_each(:spoken_of)) f ON f.record = s.record"
    " WHERE s.mapping = :mapping AND s.pair IS NULL AND s.side = :side AND s.scope = '' GROUP BY 1"
)
"""A side's records that are in no pair, in the same way."""

Spoken = Mapping[int, int]
"""Records that findings speak of, and what those say: its place in `SAID`."""


def count_line(
    engine: Engine, mapping: int, name: str, spoken_of: tuple[Spoken, Spoken], *, unmatched: tuple[bool, bool]
) -> StatementLine:
    """The line of a mapping without amounts. `unmatched` says for (left, right) whether a record without a partner is
    news."""
    rows = engine.db.execute(_PAIRED, {"mapping": mapping}).fetchall()
    pairs = {SAID[row[1]]: int(row[2]) for row in rows if row[0]}
    sides = []
    for side in (0, 1):
        alone = _alone(engine, mapping, side, spoken_of[side])
        for whole, weight, _, *records in rows:
            if not whole:
                alone[SAID[weight]] = alone.get(SAID[weight], 0) + int(records[side])
        matched = sum(int(row[3 + side]) for row in rows if row[0])
        total = SideTotal(records=matched + sum(alone.values()), matched=matched)
        sides.append((total, _single(alone, news=unmatched[side])))
    (left, lefts), (right, rights) = sides
    agree, accepted, held, differ = (pairs.get(said, 0) for said in SAID)
    return StatementLine(name, "", left, right, counts=Counts(agree, differ, accepted, lefts, rights, held))


def _alone(engine: Engine, mapping: int, side: int, spoken_of: Spoken) -> dict[Said, int]:
    words = {"mapping": mapping, "side": side, "spoken_of": json.dumps(list(spoken_of.items()))}
    return {SAID[weight]: count for weight, count in engine.db.execute(_ALONE, words)}


def _single(alone: Mapping[Said, int], *, news: bool) -> Single:
    """What no finding speaks of is missing where that is news; else nobody compares it."""
    untold, accepted, held, missing = (alone.get(said, 0) for said in SAID)
    return Single(missing + (untold if news else 0), accepted, 0 if news else untold, held)
