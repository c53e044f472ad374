"""One run of a mapping's match rules over everything unmatched; pairs are written, what is undecided is told.

I/O: the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from syncctl.ledger.made import MADE_BY_US
from syncctl.ledger.pairs import MERGE, PERSON, Link
from syncctl.ledger.sides import SIDES
from syncctl.match import LOOKS_MAX, Claim, Group, Score, Tie, alike, claim
from syncctl.nearness import nearness
from syncctl.projection.keys import Key
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.values.scope import Scope


@dataclass(slots=True)
class Matched:
    """What matching found: new pairs, and records that are held because a rule could not decide."""

    pairs: set[int] = field(default_factory=set)
    ties: list[tuple[str, Tie]] = field(default_factory=list)
    proposals: list[tuple[str, Claim]] = field(default_factory=list)

    @property
    def held(self) -> set[tuple[str, int]]:
        """(side, record) of everything a tie or proposal holds."""
        groups: list[Tie | Claim] = [tie for _, tie in self.ties] + [claim for _, claim in self.proposals]
        return {("left", record) for group in groups for record in group.left} | {
            ("right", record) for group in groups for record in group.right
        }


def match(books: Books, projection: Projection, mapping: int, at: str) -> Matched:
    """Human decisions first, then what we made ourselves, then every rule in order."""
    return _Matching(books, projection, mapping, at).run()


class _Matching:
    """One run of a mapping's rules over everything unmatched."""

    def __init__(self, books: Books, projection: Projection, mapping: int, at: str) -> None:
        self.books = books
        self.projection = projection
        self.mapping = mapping
        self.at = at
        self.many = projection.mapping.many
        self.outcome = Matched()
        self.rejected: set[tuple[int, int]] = set()

    def run(self) -> Matched:
        """Human decisions first, then what we made ourselves, then every rule in order."""
        self.books.pairs.part_misread(self.mapping, self.at)
        self._decided()
        self._made()
        for number, key in enumerate(self.projection.rules):
            results = list(self._fuzzy(number, key) if key.fuzzy else self._keyed(number, key))
            self._take(key, results)
        return self.outcome

    def _decided(self) -> None:
        for decision in self.books.pairs.decisions(self.projection.mapping.name):
            left = self.books.records.number_of(decision.left)
            right = self.books.records.number_of(decision.right)
            if left is None or right is None:
                continue
            if decision.verdict == "reject":
                self.rejected.add((left, right))
            elif self._free(left, right):
                by = MERGE if decision.by == MERGE else PERSON
                self._link([Link((left,), (right,), by, 100.0, by)])
                self.books.sides.bring_in(self.mapping, left, right)

    def _made(self) -> None:
        """A record that a create of ours made belongs to its source: the journal knows, whatever the vendor kept."""
        kinds = {side: self.projection.mapping.side(side) for side in SIDES}
        for side in SIDES:
            for source, made in self.books.made.unpaired(self.projection.mapping.name, self.mapping, side, kinds):
                left, right = (source, made) if side == "left" else (made, source)
                if (left, right) not in self.rejected and self._free(left, right):
                    self._link([Link((left,), (right,), MADE_BY_US, 100.0, "plan")])
                    self.books.sides.bring_in(self.mapping, left, right)

    def _free(self, left: int, right: int) -> bool:
        """Neither record has a partner, unless it is one that several may share."""
        pairs = (self.books.pairs.pair_of(self.mapping, side, record) for side, record in ((0, left), (1, right)))
        left_free, right_free = (pair is None for pair in pairs)
        return (left_free or (self.many == "right" and right_free)) and (
            right_free or (self.many == "left" and left_free)
        )

    def _keyed(self, number: int, key: Key) -> Iterator[Claim | Tie]:
        held = self.outcome.held
        groups = (
            trimmed
            for group in self.books.candidates.groups(self.mapping, number, self.many)
            if (trimmed := _without(group, held)) is not None
        )
        look = bool(self.rejected) or key.residual
        return claim(groups, self._score(key) if look else None, many=self.many)

    def _fuzzy(self, number: int, key: Key) -> Iterator[Claim | Tie]:
        held = self.outcome.held
        texts = self.books.candidates.texts
        left = [row for row in texts(self.mapping, number, "left") if ("left", row[0]) not in held]
        right = [row for row in texts(self.mapping, number, "right") if ("right", row[0]) not in held]
        least = next(criterion.similar for criterion, *_ in key.left if criterion.similar)
        score = self._score(key)
        found = {
            pair: min(likeness, near)
            for pair, likeness in alike(left, right, least).items()
            if (near := score(*pair)) is not None
        }
        group = Group(tuple(sorted({one for one, _ in found})), tuple(sorted({two for _, two in found})))
        return claim([group], lambda one, two: found.get((one, two)), many=self.many) if found else iter(())

    def _score(self, key: Key) -> Score:
        near = nearness(key, self.projection.catalogue.time_zone)

        @lru_cache(maxsize=LOOKS_MAX)
        def scope(record: int) -> Scope:
            return Scope(*self.books.records.stored(record), self.books.lookups)

        def score(left: int, right: int) -> float | None:
            if (left, right) in self.rejected:
                return None
            if near is None:
                return 100.0
            here, there = scope(left), scope(right)
            return near(here.root, here, there.root, there)

        return score

    def _take(self, key: Key, results: list[Claim | Tie]) -> None:
        # What is only alike is never linked without a person.
        review = key.rule is not None and (key.rule.review or any(one.similar for one in key.rule.criteria))
        links = []
        for result in results:
            if isinstance(result, Tie):
                self.outcome.ties.append((key.name, result))
            elif review:
                self.outcome.proposals.append((key.name, result))
            else:
                links.append(Link(result.left, result.right, key.name, result.score))
        self._link(links)

    def _link(self, links: list[Link]) -> None:
        self.outcome.pairs.update(self.books.pairs.add(self.mapping, links, self.at))


def _without(group: Group, held: set[tuple[str, int]]) -> Group | None:
    """The group without records that an earlier rule's tie holds; None when a side is empty then."""
    left = tuple(record for record in group.left if ("left", record) not in held)
    right = tuple(record for record in group.right if ("right", record) not in held)
    return Group(left, right) if left and right else None
