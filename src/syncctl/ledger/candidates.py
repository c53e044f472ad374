"""Sides without a partner, by the keys that could find them one. I/O: SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import SIDE
from syncctl.ledger.migrations import MATCH_KEYS
from syncctl.match import Group
from syncctl.model import SideName

KEYS: Final = ", ".join(f"k{number}" for number in range(MATCH_KEYS))
MATCHABLE: Final = "scope IN ('', 'archived', 'poison')"
"""Standing of records that may find a partner. One that cannot be read does: nothing is planned for such a pair, where
its partner alone would be missing, and made a second time.
"""


class Candidates:
    """What match rules look at. Every method works on one mapping inside the caller's transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def groups(self, mapping: int, rule: int, many: str) -> Iterator[Group]:
        """Unmatched records that share a rule's key with an unmatched record of the other side, key by key."""
        key = f"k{rule}"
        free = {0: "AND s.pair IS NULL", 1: "AND s.pair IS NULL"}
        if many:
            free[1 if many == "left" else 0] = ""  # the shared partner may have others already
        candidates = {
            number: f"s.mapping = :mapping AND s.side = {number} AND s.{key} IS NOT NULL {free[number]}"
            f" AND s.{MATCHABLE}"
            for number in (0, 1)
        }
        others = {number: candidates[1 - number].replace("s.", "o.") for number in (0, 1)}
        # The index of a key holds only what has no pair: with `many` the other side's keys are listed once instead.
        has_other = "s.{key} IN (SELECT o.{key} FROM sides o WHERE {other})"
        if not many:
            has_other = "EXISTS (SELECT 1 FROM sides o WHERE {other} AND o.{key} = s.{key})"
        parts = [
            f"SELECT s.{key} AS key, {number} AS side, s.record AS record FROM sides s"
            f" WHERE {candidates[number]} AND {has_other.format(key=key, other=others[number])}"
            for number in (0, 1)
        ]
        rows = self.engine.db.execute(f"{' UNION ALL '.join(parts)} ORDER BY key, side, record", {"mapping": mapping})
        for _, members in groupby(rows, key=lambda row: row[0]):
            listed = list(members)
            left = tuple(record for _, side, record in listed if side == 0)
            right = tuple(record for _, side, record in listed if side == 1)
            yield Group(left, right)

    def texts(self, mapping: int, rule: int, side: SideName) -> list[tuple[int, str]]:
        """(record, text) of the unmatched records of a side, for a rule that compares by likeness."""
        return self.engine.db.execute(
            f"SELECT record, k{rule} FROM sides WHERE mapping = ? AND side = ? AND pair IS NULL AND k{rule} IS NOT NULL"
            f" AND {MATCHABLE} ORDER BY record",
            (mapping, SIDE[side]),
        ).fetchall()

    def unmatched(self, mapping: int, side: SideName) -> Iterator[tuple[int, str, int, str]]:
        """(record, name, hash, body) of everything on a side that takes part and has no partner."""
        return iter(
            self.engine.db.execute(
                # The plus keeps SQLite from walking all records in order to find the few without a pair.
                "SELECT record, name, hash, body FROM sides"
                " WHERE mapping = ? AND side = ? AND pair IS NULL AND scope = '' ORDER BY +record",
                (mapping, SIDE[side]),
            )
        )

    def unreadable(self, mapping: int, side: SideName) -> Iterator[tuple[int, str, tuple[str | None, ...]]]:
        """(record, reason, its key under each rule) of what could not be read on a side and has no partner."""
        rows = self.engine.db.execute(
            f"SELECT record, body, {KEYS} FROM sides"
            " WHERE mapping = ? AND side = ? AND pair IS NULL AND scope = 'poison' ORDER BY +record",
            (mapping, SIDE[side]),
        )
        return ((record, reason, tuple(keys)) for record, reason, *keys in rows)

    def perhaps_unreadable(
        self, mapping: int, side: SideName, rules: Iterable[int] | None, many: str
    ) -> Iterator[tuple[str, bytes]]:
        """(id, bytes) of records of a side that may still get a partner, and may be unreadable where a rule looks: what
        could not be read, or has no key under one of these `rules`; everything, where they are None.
        """
        keyless = "TRUE" if rules is None else " OR ".join(["FALSE", *(f"s.k{rule} IS NULL" for rule in rules)])
        free = "(s.pair IS NULL OR s.scope = 'poison')" if many and many != side else "s.pair IS NULL"
        return self.engine.db.execute(
            "SELECT r.rid, r.raw FROM sides s JOIN records r ON r.id = s.record WHERE s.mapping = ? AND s.side = ?"
            f" AND s.{MATCHABLE} AND {free} AND (s.scope = 'poison' OR {keyless}) ORDER BY +s.record",
            (mapping, SIDE[side]),
        )

    def never_read(self, system: str, kind: str) -> Iterator[tuple[str, str, bytes]]:
        """(id, reason, bytes) of the rows of a kind that were set aside and of which there is no record."""
        return self.engine.db.execute(
            "SELECT p.rid, p.reason, p.raw FROM poison p JOIN kinds k ON k.id = p.kind"
            " LEFT JOIN records r ON r.kind = p.kind AND r.rid = p.rid"
            " WHERE k.system = ? AND k.kind = ? AND r.id IS NULL ORDER BY p.rid",
            (system, kind),
        )

    def unpaired_keys(self, mapping: int, side: SideName, rule: int) -> list[tuple[int, str, str]]:
        """(record, name, key) of the records of a side that have a key under a rule and no pair."""
        return self.engine.db.execute(
            f"SELECT record, name, k{rule} FROM sides WHERE mapping = ? AND side = ? AND pair IS NULL"
            f" AND k{rule} IS NOT NULL AND {MATCHABLE} ORDER BY record",
            (mapping, SIDE[side]),
        ).fetchall()

    def key(self, mapping: int, side: SideName, record: int, rule: int) -> str | None:
        """The key a record has under a rule."""
        row = self.engine.db.execute(
            f"SELECT k{rule} FROM sides WHERE mapping = ? AND side = ? AND record = ?", (mapping, SIDE[side], record)
        ).fetchone()
        return row[0] if row else None

    def count_with_key(self, mapping: int, side: SideName, rule: int, key: str) -> int:
        """How many records of a side have a key, paired or not."""
        row = self.engine.db.execute(
            f"SELECT count(*) FROM sides WHERE mapping = ? AND side = ? AND k{rule} = ?", (mapping, SIDE[side], key)
        ).fetchone()
        return int(row[0])

    def in_scope(self, mapping: int, side: SideName) -> int:
        """How many records of a side take part."""
        row = self.engine.db.execute(
            "SELECT count(*) FROM sides WHERE mapping = ? AND side = ? AND scope = ''", (mapping, SIDE[side])
        ).fetchone()
        return int(row[0])

    def with_key_of_a_pair(self, mapping: int, side: SideName, rule: int) -> Iterator[tuple[int, int]]:
        """(record, pair): a record of `side` without partner has the key of a member of that pair, of either side."""
        yield from self.engine.db.execute(
            f"SELECT u.record, p.pair FROM sides u INDEXED BY sides_k{rule}"
            f" CROSS JOIN sides p INDEXED BY sides_k{rule}_paired"
            f" ON p.mapping = u.mapping AND p.k{rule} = u.k{rule} AND p.pair IS NOT NULL"
            " WHERE u.mapping = :mapping AND u.side = :side AND u.pair IS NULL AND u.scope = ''"
            f" AND u.k{rule} IS NOT NULL ORDER BY u.record, p.pair",
            {"mapping": mapping, "side": SIDE[side]},
        )

    def with_one_key(self, mapping: int, side: SideName, rule: int) -> Iterator[list[int]]:
        """Records of a side that have no partner and one key, two or more at a time, the oldest first."""
        rows = self.engine.db.execute(
            f"SELECT u.k{rule}, u.record FROM (SELECT k{rule} AS key FROM sides"
            f" WHERE mapping = :mapping AND side = :side AND pair IS NULL AND k{rule} IS NOT NULL AND scope = ''"
            f" GROUP BY k{rule} HAVING count(*) > 1) o CROSS JOIN sides u INDEXED BY sides_k{rule}"
            f" ON u.mapping = :mapping AND u.side = :side AND u.pair IS NULL AND u.k{rule} = o.key"
            f" WHERE u.scope = '' ORDER BY u.k{rule}, u.record",
            {"mapping": mapping, "side": SIDE[side]},
        )
        for _, members in groupby(rows, key=lambda row: row[0]):
            yield [record for _, record in members]
