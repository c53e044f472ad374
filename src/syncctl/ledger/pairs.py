"""Pairs that persist, and what people decided about them. I/O: SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import Lookups
from syncctl.model import Ref

PERSON = "person"
CHUNK: Final = 2_000
"""Pairs made at once: bounds the memory."""
_MARK_USERS_OF: Final = (
    "INSERT OR IGNORE INTO stale_sides SELECT u.mapping, u.side, u.record FROM records r"
    " JOIN uses u ON u.kind = r.kind AND u.rid = r.rid WHERE r.id = ?"
)


@dataclass(frozen=True, slots=True)
class Link:
    """One new pair of ledger record numbers, with the rule that made it and a score from 0 to 100."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    rule: str
    score: float
    decided_by: str = "rule"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said about two records."""

    mapping: str
    left: Ref
    right: Ref
    verdict: str
    by: str
    at: str


class Pairs:
    """The pairs of one ledger. Methods join the caller's transaction unless they say otherwise."""

    def __init__(self, engine: Engine, lookups: Lookups) -> None:
        self.engine = engine
        self.lookups = lookups

    def add(self, mapping: int, links: Sequence[Link], at: str) -> list[int]:
        """Makes pairs; whoever looked at one of their records is marked stale. Returns their numbers, in order."""
        numbers: list[int] = []
        for start in range(0, len(links), CHUNK):
            numbers += self._add(mapping, links[start : start + CHUNK], at)
        if numbers:
            self.lookups.forget()
        return numbers

    def _add(self, mapping: int, links: Sequence[Link], at: str) -> list[int]:
        db = self.engine.db
        first = db.execute("SELECT coalesce(max(id), 0) + 1 FROM pairs").fetchone()[0]
        taken: dict[tuple[int, int], int] = {}
        made: list[tuple[Any, ...]] = []
        numbers: list[int] = []
        for link in links:
            places = [(0, record) for record in link.left] + [(1, record) for record in link.right]
            pair = next((taken[place] for place in places if place in taken), None) or self._pair_of_any(mapping, link)
            if pair is None:
                pair = first + len(made)
                made.append((pair, mapping, link.rule, link.score, link.decided_by, at))
            taken |= dict.fromkeys(places, pair)
            numbers.append(pair)
        db.executemany(
            "INSERT INTO pairs (id, mapping, rule, score, decided_by, made_at) VALUES (?, ?, ?, ?, ?, ?)", made
        )
        members = [(mapping, side, record, pair) for (side, record), pair in taken.items()]
        db.executemany("INSERT OR IGNORE INTO pair_members VALUES (?, ?, ?, ?)", members)
        db.executemany("UPDATE sides SET pair = ?4 WHERE mapping = ?1 AND side = ?2 AND record = ?3", members)
        self._mark(record for _, record in taken)
        return numbers

    def _pair_of_any(self, mapping: int, link: Link) -> int | None:
        """The pair one of these records has already: a shared partner under `many`."""
        for side, records in ((0, link.left), (1, link.right)):
            for record in records:
                found = self.pair_of(mapping, side, record)
                if found is not None:
                    return found
        return None

    def pair_of(self, mapping: int, side: int, record: int) -> int | None:
        """The pair a record (by ledger number) has; `side` is 0 for left, 1 for right."""
        row = self.engine.db.execute(
            "SELECT pair FROM pair_members WHERE mapping = ? AND side = ? AND record = ?", (mapping, side, record)
        ).fetchone()
        return int(row[0]) if row else None

    def members(self, pair: int) -> tuple[int | None, int | None]:
        """The oldest left and right record of a pair."""
        rows = self.engine.db.execute(
            "SELECT side, min(record) FROM pair_members WHERE pair = ? GROUP BY side", (pair,)
        ).fetchall()
        found: dict[int, int] = dict(rows)
        return found.get(0), found.get(1)

    def base(self, pair: int) -> str:
        """The two-way values of the last agreement, as JSON."""
        row = self.engine.db.execute("SELECT base FROM pairs WHERE id = ?", (pair,)).fetchone()
        return str(row[0]) if row else "{}"

    def _mark(self, records: Iterable[int]) -> None:
        db = self.engine.db
        if db.execute("SELECT 1 FROM uses LIMIT 1").fetchone():
            db.executemany(_MARK_USERS_OF, ((record,) for record in records))

    def remove(self, pair: int) -> None:
        """Takes a pair apart: its records are free again."""
        db = self.engine.db
        members = db.execute("SELECT mapping, side, record FROM pair_members WHERE pair = ?", (pair,)).fetchall()
        db.execute("DELETE FROM pair_members WHERE pair = ?", (pair,))
        db.execute("DELETE FROM pairs WHERE id = ?", (pair,))
        for mapping, side, record in members:
            db.execute(
                "UPDATE sides SET pair = NULL WHERE mapping = ? AND side = ? AND record = ?", (mapping, side, record)
            )
            db.execute("INSERT OR IGNORE INTO stale_sides VALUES (?, ?, ?)", (mapping, side, record))
        self._mark(record for _, _, record in members)
        self.lookups.forget()

    def decide(self, decision: Decision) -> None:
        """Keeps a person's word: it outlives pulls, mapping edits and rebuilt sides."""
        self.engine.db.execute(
            "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET verdict = excluded.verdict, by = excluded.by, at = excluded.at",
            (decision.mapping, str(decision.left), str(decision.right), decision.verdict, decision.by, decision.at),
        )

    def decisions(self, mapping: str) -> tuple[Decision, ...]:
        """Everything people said about a mapping."""
        rows = self.engine.db.execute(
            "SELECT mapping, left_ref, right_ref, verdict, by, at FROM decisions WHERE mapping = ?", (mapping,)
        )
        return tuple(Decision(row[0], Ref.parse(row[1]), Ref.parse(row[2]), row[3], row[4], row[5]) for row in rows)

    def of(self, mapping: int) -> tuple[tuple[int, Ref, Ref, str, float, str], ...]:
        """Every pair of a mapping: number, left, right, rule, score, decided by."""
        rows: list[Any] = self.engine.db.execute(
            "SELECT p.id, lk.system, lk.kind, l.rid, rk.system, rk.kind, r.rid, p.rule, p.score, p.decided_by"
            " FROM pairs p JOIN pair_members lm ON lm.pair = p.id AND lm.side = 0"
            " JOIN pair_members rm ON rm.pair = p.id AND rm.side = 1"
            " JOIN records l ON l.id = lm.record JOIN kinds lk ON lk.id = l.kind"
            " JOIN records r ON r.id = rm.record JOIN kinds rk ON rk.id = r.kind"
            " WHERE p.mapping = ? ORDER BY p.id, l.rid, r.rid",
            (mapping,),
        ).fetchall()
        return tuple((row[0], Ref(*row[1:4]), Ref(*row[4:7]), row[7], row[8], row[9]) for row in rows)

    def forget_agreed(self, mapping: int) -> None:
        """No pair of the mapping agrees as it stands until it is judged again; the two-way values stay."""
        self.engine.db.execute(
            "UPDATE pairs SET agreed_left = NULL, agreed_right = NULL WHERE mapping = ? AND agreed_left IS NOT NULL",
            (mapping,),
        )

    def agree(self, agreements: Iterable[tuple[int, int, str, int]]) -> None:
        """Remembers (left hash, right hash, base as JSON, pair): at the last agreement the sides stood so."""
        self.engine.db.executemany(
            "UPDATE pairs SET agreed_left = ?, agreed_right = ?, base = ? WHERE id = ?", list(agreements)
        )
