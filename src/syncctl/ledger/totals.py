"""Sums per mapping and currency, in whole millionths, exact. I/O: SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from syncctl.ledger.engine import Engine

UNIT: Final = 1_000_000
"""Amounts are whole millionths of the currency's unit."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Why left and right differ by some amount: a pair's number (0: no pair), what it is, how much right has more."""

    currency: str
    pair: int
    what: str
    amount: int
    accepted: bool


_SIDE: Final = "mapping = :mapping AND scope = '' AND amount IS NOT NULL"
_PARTS: Final = f"sum(amount / {UNIT}) AS units, sum(amount % {UNIT}) AS rest"
"""A sum in two parts: a whole ledger in a currency of large numbers (rupiah, dong) leaves 64 bits."""
_DIFFERENCE: Final = (
    f"sum(CASE side WHEN 1 THEN amount / {UNIT} ELSE -(amount / {UNIT}) END) AS units,"
    f" sum(CASE side WHEN 1 THEN amount % {UNIT} ELSE -(amount % {UNIT}) END) AS rest"
)
_ABOUT_MONEY: Final = "('amount', 'rounding', 'fee', 'fx', 'tax', 'currency', 'period')"
_ACCEPTED_PAIR: Final = (
    "EXISTS (SELECT 1 FROM findings f WHERE f.mapping = :mapping AND f.subject = 'pair:' || {pair}"
    " AND f.accepted <> '' AND (f.kind IN ('gone', 'left_scope')"
    f" OR json_extract(f.body, '$.reason') IN {_ABOUT_MONEY}))"
)
"""A person accepted what makes the amounts differ; an accepted difference of texts explains no money."""


class Totals:
    """What the statement is made of."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def sums(self, mapping: int, side: int, *, paired_only: bool) -> dict[str, int]:
        """Total per currency of a side's records in scope."""
        only = " AND pair IS NOT NULL" if paired_only else ""
        rows = self.engine.db.execute(
            f"SELECT currency, {_PARTS} FROM sides WHERE {_SIDE} AND side = :side{only} GROUP BY currency",
            {"mapping": mapping, "side": side},
        )
        return {currency: units * UNIT + rest for currency, units, rest in rows}

    def matched(self, mapping: int) -> dict[str, int]:
        """Pairs per currency whose both sides are in scope."""
        rows = self.engine.db.execute(
            f"SELECT currency, count(DISTINCT pair) FROM sides WHERE {_SIDE} AND side = 0 AND pair IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM sides r WHERE r.mapping = :mapping AND r.side = 1 AND r.pair = sides.pair"
            " AND r.scope = '') GROUP BY currency",
            {"mapping": mapping},
        )
        return {row[0]: int(row[1]) for row in rows}

    def gaps(self, mapping: int, *, unmatched: tuple[bool, bool]) -> Iterator[Gap]:
        """Everything by which the right total differs from the left one, item by item.

        `unmatched` says for (left, right) whether records without a partner are counted.
        """
        yield from self._pair_gaps(mapping)
        for side, sign in ((0, -1), (1, 1)):
            if unmatched[side]:
                yield from self._unmatched(mapping, side, sign)

    def _pair_gaps(self, mapping: int) -> Iterator[Gap]:
        """Right less left per pair and currency, in one pass: a join of the two sides would be quadratic."""
        rows = self.engine.db.execute(
            f"SELECT g.currency, g.pair, g.units, g.rest, g.both, {_ACCEPTED_PAIR.format(pair='g.pair')}"
            f" FROM (SELECT currency, pair, {_DIFFERENCE}, min(side) <> max(side) AS both FROM sides"
            f" WHERE {_SIDE} AND pair IS NOT NULL GROUP BY currency, pair HAVING units <> 0 OR rest <> 0) g",
            {"mapping": mapping},
        )
        for currency, pair, units, rest, both, accepted in rows:
            amount = units * UNIT + rest
            if amount:
                yield Gap(currency, pair, "amount" if both else "scope", amount, bool(accepted))

    def _unmatched(self, mapping: int, side: int, sign: int) -> Iterator[Gap]:
        name = "left" if side == 0 else "right"
        rows = self.engine.db.execute(
            "SELECT s.currency, s.amount, EXISTS (SELECT 1 FROM findings f WHERE f.mapping = :mapping"
            f" AND f.subject = '{name}:' || s.record AND f.accepted <> '') FROM sides s"
            f" WHERE {_SIDE} AND side = {side} AND pair IS NULL",
            {"mapping": mapping},
        )
        for currency, amount, accepted in rows:
            yield Gap(currency, 0, f"only {name}", sign * amount, bool(accepted))
