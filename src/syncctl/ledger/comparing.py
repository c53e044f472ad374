"""Pairs whose sides differ, joined by pair id on a covering index. I/O: SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import SIDE
from syncctl.model import SideName

_BOTH_SIDES: Final = (
    " CROSS JOIN sides l INDEXED BY sides_pair ON l.mapping = :mapping AND l.side = 0 AND l.pair = {pair}"
    " CROSS JOIN sides r INDEXED BY sides_pair ON r.mapping = :mapping AND r.side = 1 AND r.pair = {pair}"
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


class Comparing:
    """Compares by hash; only what differs is read. Every method works on one mapping in the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def unequal(self, mapping: int) -> Iterator[Unequal]:
        """Every pair whose hashes differ, from one walk over a covering index; only the unequal are expanded.

        The hashes of a pair stand next to each other there, in order: counting the distinct ones costs 0.65 of asking
        for the least and the greatest. CROSS JOIN keeps SQLite to this order; left alone it
        reads every side's row before it compares the hashes.
        """
        return self._expand(
            "SELECT l.pair AS pair, l.id AS lid, r.id AS rid FROM (SELECT pair FROM sides INDEXED BY sides_pair"
            " WHERE mapping = :mapping AND pair IS NOT NULL GROUP BY pair HAVING count(DISTINCT hash) > 1) u"
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
            f"SELECT l.pair, l.hash, r.hash, l.body FROM {only}sides l INDEXED BY sides_pair"
            " CROSS JOIN sides r INDEXED BY sides_pair ON r.mapping = l.mapping AND r.side = 1 AND r.pair = l.pair"
            " AND r.hash = l.hash CROSS JOIN pairs p ON p.id = l.pair"
            f" WHERE l.mapping = ? AND l.side = 0 AND {here}"
            " AND NOT (p.agreed_left IS l.hash AND p.agreed_right IS r.hash)",
            (mapping,),
        ).fetchall()
