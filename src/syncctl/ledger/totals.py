"""Sums per mapping and currency, in whole millionths, exact. I/O: SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from syncctl.ledger.counts import WEIGHT, Spoken, count_line
from syncctl.ledger.engine import Engine
from syncctl.model import Ref
from syncctl.statement import SAID, Gap, What, major
from syncctl.statement_line import SideTotal, StatementLine

UNIT: Final = 1_000_000
"""Amounts are whole millionths of the currency's unit."""


class FoundGap(NamedTuple):
    """A gap and whose it is: the number of a pair, or of a record without a partner; neither where it is of many."""

    gap: Gap
    pair: int | None
    record: int | None


_SIDE: Final = "s.mapping = :mapping AND s.scope = '' AND s.amount IS NOT NULL"
_PARTS: Final = f"sum(s.amount / {UNIT}) AS units, sum(s.amount % {UNIT}) AS rest"
"""A sum in two parts: a whole ledger in a currency of large numbers (rupiah, dong) leaves 64 bits."""
_DIFFERENCE: Final = (
    f"sum(CASE s.side WHEN 1 THEN s.amount / {UNIT} ELSE -(s.amount / {UNIT}) END) AS units,"
    f" sum(CASE s.side WHEN 1 THEN s.amount % {UNIT} ELSE -(s.amount % {UNIT}) END) AS rest"
)
_PARTNER: Final = "o.mapping = s.mapping AND o.pair = s.pair AND o.side = 1 - s.side AND o.scope = ''"
_COUNTS: Final = f"count(*), sum(s.pair IS NOT NULL AND EXISTS (SELECT 1 FROM sides o WHERE {_PARTNER}))"
_NAMED: Final = f"coalesce((SELECT max(o.currency) FROM sides o WHERE {_PARTNER} AND o.amount IS NOT NULL), '')"
"""The currency of a record's partner: what an amount is counted in whose own currency nobody names."""
_UNNAMED: Final = f"{_SIDE} AND s.currency = '' AND s.pair IS NOT NULL AND {_NAMED} <> ''"
_ABOUT_MONEY: Final = "('amount', 'rounding', 'fee', 'fx', 'tax', 'currency', 'period')"
_OF_PAIR: Final = (
    f"coalesce((SELECT max({WEIGHT}) FROM findings f WHERE f.mapping = :mapping AND f.subject = 'pair:' || g.pair"
    f" AND (f.kind <> 'difference' OR json_extract(f.body, '$.reason') IN {_ABOUT_MONEY})), 0)"
)
"""What the findings of a pair say; a difference of texts explains no money."""
_OF_RECORDS: Final = (
    f"SELECT {WEIGHT}, substr(f.subject, length(:name) + 2) FROM findings f"
    " WHERE f.mapping = :mapping AND f.subject GLOB :name || ':*'"
)
_BETWEEN: Final = (
    f"SELECT {WEIGHT}, json_extract(f.body, '$.' || :name || 's') FROM findings f"
    " WHERE f.mapping = :mapping AND f.kind IN ('tie', 'proposal')"
)
"""A tie is one finding; the records it is between are listed in it."""
_ALONE: Final = f"FROM sides s WHERE {_SIDE} AND s.side = :side AND s.pair IS NULL"
_SPOKEN_OF: Final = "IN (SELECT value FROM json_each(:spoken_of))"


class Totals:
    """What the statement is made of."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def sums(self, mapping: int, side: int) -> dict[str, SideTotal]:
        """Total per currency of a side's records in scope; an amount without a currency counts in its partner's."""
        words = {"mapping": mapping, "side": side}
        rows = self.engine.db.execute(
            f"SELECT s.currency, {_PARTS}, {_COUNTS} FROM sides s WHERE {_SIDE} AND s.side = :side GROUP BY s.currency",
            words,
        ).fetchall()
        moved = self.engine.db.execute(
            f"SELECT {_NAMED} AS named, {_PARTS}, {_COUNTS} FROM sides s WHERE {_UNNAMED} AND s.side = :side"
            " GROUP BY named",
            words,
        ).fetchall()
        found = {row[0]: (row[1] * UNIT + row[2], row[3], row[4], 0) for row in rows}
        for currency, units, rest, records, matched in moved:
            step = (units * UNIT + rest, records, matched, records)
            found[currency] = _added(found.get(currency, (0, 0, 0, 0)), step)
            found[""] = _added(found[""], (-step[0], -records, -matched, 0))
        return {currency: SideTotal(major(one[0]), *one[1:]) for currency, one in found.items() if one[1]}

    def currencies(self) -> list[tuple[str, str]]:
        """(mapping, currency) of every amount that takes part."""
        return self.engine.db.execute(
            "SELECT DISTINCT m.name, s.currency FROM sides s JOIN mappings m ON m.id = s.mapping"
            " WHERE s.scope = '' AND s.amount IS NOT NULL AND s.currency <> ''"
        ).fetchall()

    def gaps(self, mapping: int, *, unmatched: tuple[bool, bool]) -> Iterator[FoundGap]:
        """Everything by which the right total differs from the left one, item by item.

        `unmatched` says for (left, right) whether a record without a partner is news; else its gap is `ignored`.
        """
        yield from self._pair_gaps(mapping)
        for side, sign in ((0, -1), (1, 1)):
            yield from self._unmatched(mapping, side, sign, ignored=not unmatched[side])

    def counts(self, mapping: int, name: str, *, unmatched: tuple[bool, bool]) -> StatementLine:
        """The line of a mapping without amounts: what was compared, in numbers of pairs and records."""
        spoken_of = self._spoken_of(mapping, "left"), self._spoken_of(mapping, "right")
        return count_line(self.engine, mapping, name, spoken_of, unmatched=unmatched)

    def _pair_gaps(self, mapping: int) -> Iterator[FoundGap]:
        """Right less left per pair and currency, in one pass: a join of the two sides would be quadratic."""
        strange = f"SELECT s.pair FROM sides s WHERE {_UNNAMED}"
        plain = f"sides s WHERE {_SIDE} AND s.pair IS NOT NULL AND s.pair NOT IN ({strange})"
        named = (
            f"(SELECT s.pair, s.side, s.amount, CASE s.currency WHEN '' THEN {_NAMED} ELSE s.currency END AS currency"
            f" FROM sides s WHERE {_SIDE} AND s.pair IN ({strange})) s"
        )
        for source in (plain, named):
            yield from self._grouped(mapping, source)

    def _grouped(self, mapping: int, source: str) -> Iterator[FoundGap]:
        rows = self.engine.db.execute(
            f"SELECT g.currency, g.pair, g.units, g.rest, g.both, {_OF_PAIR}"
            f" FROM (SELECT s.currency, s.pair, {_DIFFERENCE}, min(s.side) <> max(s.side) AS both FROM {source}"
            " GROUP BY s.currency, s.pair HAVING units <> 0 OR rest <> 0) g",
            {"mapping": mapping},
        )
        for currency, pair, units, rest, both, weight in rows:
            amount = units * UNIT + rest
            if amount:
                yield FoundGap(Gap(currency, "amount" if both else "scope", amount, SAID[weight]), pair, None)

    def _unmatched(self, mapping: int, side: int, sign: int, *, ignored: bool) -> Iterator[FoundGap]:
        """Records without a partner, one by one; what is ignored, and no finding speaks of, in one sum per sign."""
        what: What = "only right" if side else "only left"
        spoken_of = self._spoken_of(mapping, "right" if side else "left")
        words = {"mapping": mapping, "side": side, "spoken_of": json.dumps(list(spoken_of))}
        told = f" AND s.record {_SPOKEN_OF}" if ignored else ""
        rows = self.engine.db.execute(f"SELECT s.record, s.currency, s.amount {_ALONE}{told}", words)
        for record, currency, amount in rows:
            gap = Gap(currency, what, sign * amount, SAID[spoken_of.get(record, 0)], ignored=ignored)
            yield FoundGap(gap, None, record)
        if ignored:
            summed = f"SELECT s.currency, {_PARTS}, count(*) {_ALONE} AND s.record NOT {_SPOKEN_OF}"
            for currency, units, rest, items in self.engine.db.execute(
                f"{summed} GROUP BY s.currency, s.amount > 0, s.amount < 0", words
            ):
                gap = Gap(currency, what, sign * (units * UNIT + rest), ignored=True, items=items)
                yield FoundGap(gap, None, None)

    def _spoken_of(self, mapping: int, side: str) -> Spoken:
        """The records of a side that a finding is about, or a tie or proposal is between."""
        words = {"mapping": mapping, "name": side}
        found: dict[int, int] = {}
        for sql in (_OF_RECORDS, _BETWEEN):
            for weight, listed in self.engine.db.execute(sql, words):
                for record in (int(part) for part in (listed or "").split(",") if part):
                    found[record] = max(weight, found.get(record, 0))
        return found

    def refs(self, mapping: int, found: FoundGap) -> tuple[tuple[Ref, ...], tuple[Ref, ...]]:
        """The records of a gap: those of the left side and those of the right one."""
        which, number = ("pair", found.pair) if found.pair is not None else ("record", found.record)
        only = " AND s.side = :side" if found.pair is None else ""
        rows = self.engine.db.execute(
            "SELECT s.side, k.system, k.kind, r.rid FROM sides s JOIN records r ON r.id = s.record"
            f" JOIN kinds k ON k.id = r.kind WHERE s.mapping = :mapping AND s.{which} = :number{only}",
            {"mapping": mapping, "number": number, "side": int(found.gap.what == "only right")},
        ).fetchall()
        left, right = (tuple(Ref(*row[1:]) for row in rows if row[0] == side) for side in (0, 1))
        return left, right


def _added(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return one[0] + two[0], one[1] + two[1], one[2] + two[2], one[3] + two[3]
