"""Pairs that persist, and what people decided about them. I/O: SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.ledger import audit
from syncctl.ledger.as_of import keep_members
from syncctl.ledger.engine import Engine
from syncctl.ledger.lookups import Lookups
from syncctl.model import Ref

PERSON = "person"
MERGE: Final = "merged there"
"""By whom a decision is whose record its vendor merged into another."""
CHUNK: Final = 2_000
"""Pairs made at once: bounds the memory."""
_MARK_USERS_OF: Final = (
    "INSERT OR IGNORE INTO stale_sides SELECT u.mapping, u.side, u.record FROM records r"
    " JOIN uses u ON u.kind = r.kind AND u.rid = r.rid WHERE r.id = ?"
)

_MISREAD: Final = (
    "SELECT DISTINCT p.id FROM findings f JOIN pairs p ON p.id = CAST(substr(f.subject, 6) AS INTEGER)"
    " JOIN sides s ON s.mapping = f.mapping AND s.pair = p.id AND s.side = (json_extract(f.body, '$.side') = 'right')"
    " WHERE f.mapping = ? AND f.subject BETWEEN 'pair:' AND 'pair;' AND f.kind = 'poison' AND p.decided_by = 'rule'"
    " AND p.made_at >= f.since AND s.scope NOT IN ('', 'archived', 'poison')"
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
    """What a person said about two records, or what follows from a merge at a vendor."""

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
        members = [(mapping, side, record, pair, at) for (side, record), pair in taken.items()]
        db.executemany("INSERT OR IGNORE INTO pair_members VALUES (?, ?, ?, ?, ?)", members)
        db.executemany(
            "UPDATE sides SET pair = ?4 WHERE mapping = ?1 AND side = ?2 AND record = ?3", [row[:4] for row in members]
        )
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

    def remove(self, pair: int, at: str) -> None:
        """Takes a pair apart: its records are free again."""
        db = self.engine.db
        keep_members(db, at, pair)
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

    def part_misread(self, mapping: int, at: str) -> None:
        """Takes apart what a rule paired with a record that could not be read, and that turns out not to take part, now
        that it can: such a record has no partner that anything could be done to. Call it before the pairs are judged.
        """
        for (pair,) in self.engine.db.execute(_MISREAD, (mapping,)).fetchall():
            self.remove(pair, at)

    def follow(self, loser: Ref, winner: Ref, at: str) -> bool:
        """Both were one kind of record, and the vendor merged the first into the second: the pairs of the first go over
        to the second where that has none, as if a person had said so. True when any did.

        Where both had partners, those are two records of one partner now: the pair stays for a person to see.
        """
        held, heir = self.lookups.records.number_of(loser), self.lookups.records.number_of(winner)
        rows = self.engine.db.execute(
            "SELECT p.id, m.name, p.mapping, pm.side FROM pair_members pm JOIN pairs p ON p.id = pm.pair"
            " JOIN mappings m ON m.id = p.mapping WHERE pm.record = ?",
            (held,),
        ).fetchall()
        followed = False
        for pair, name, mapping, side in rows:
            members = self.engine.db.execute(
                "SELECT side, record FROM pair_members WHERE pair = ? AND record <> ?", (pair, held)
            ).fetchall()
            taken = heir is not None and self.pair_of(mapping, side, heir) is not None
            if taken or self._promised(name, winner) or len(members) != 1 or members[0][0] == side:
                continue
            partner = self.lookups.records.ref_of(members[0][1])
            left, right = (winner, partner) if side == 0 else (partner, winner)
            self.remove(pair, at)
            self.decide(Decision(name, left, right, "confirm", MERGE, at))
            followed = True
        return followed

    def _promised(self, mapping: str, ref: Ref) -> bool:
        """True when somebody said something about this record: two may be merged into it before it is paired."""
        return any(ref in (one.left, one.right) for one in self.decisions(mapping))

    def decide(self, decision: Decision) -> None:
        """Keeps a person's word: it outlives pulls, mapping edits and rebuilt sides."""
        self.engine.db.execute(
            "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET verdict = excluded.verdict, by = excluded.by, at = excluded.at",
            (decision.mapping, str(decision.left), str(decision.right), decision.verdict, decision.by, decision.at),
        )
        self._tell(decision, decision.at, f"match.{decision.verdict}", {"by": decision.by})

    def _tell(self, about: Decision, at: str, event: str, body: dict[str, str]) -> None:
        words = {"mapping": about.mapping, "left": str(about.left), "right": str(about.right)}
        audit.append(self.engine.db, at, "", event, {**words, **body}, [("decisions", tuple(words.values()))])

    def release(self, mapping: str, left: Ref, right: Ref, *, by: str, at: str) -> Decision | None:
        """Forgets a decision, and takes apart the pair that nothing else made; the rules decide from now on.

        Returns what was decided; None when nobody decided about the two.
        """
        words = (mapping, str(left), str(right))
        found = next((one for one in self.decisions(mapping) if (one.left, one.right) == (left, right)), None)
        if found is None:
            return None
        self.engine.db.execute("DELETE FROM decisions WHERE mapping = ? AND left_ref = ? AND right_ref = ?", words)
        said = {"was": found.verdict, "decided_by": found.by, "decided_at": found.at, "by": by}
        self._tell(found, at, "match.release", said)
        pair = self.lookups.pair(mapping, left)
        if pair is not None and pair == self.lookups.pair(mapping, right) and self._by_person(pair):
            self.remove(pair, at)
        return found

    def _by_person(self, pair: int) -> bool:
        """True when a person's word made the pair, or may have brought one of its several members into it."""
        row = self.engine.db.execute(
            "SELECT p.decided_by = ? OR (SELECT count(*) FROM pair_members WHERE pair = p.id) > 2 FROM pairs p"
            " WHERE p.id = ?",
            (PERSON, pair),
        ).fetchone()
        return bool(row and row[0])

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
