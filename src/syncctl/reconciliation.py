"""Project, match, judge: brings one mapping up to date in the caller's transaction. I/O: the ledger.

Runs the same on the real ledger and inside the planner's overlay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from syncctl.diff import FINDING_OF, Judgement, base_of, differing, judge, shown
from syncctl.ledger.findings import Findings, Verdict
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.pairs import PERSON, Link, Pairs
from syncctl.ledger.passes import Pass, Passes
from syncctl.ledger.records import Records
from syncctl.ledger.sides import SIDES, Sides, Unequal
from syncctl.mapping.language import other
from syncctl.match import LOOKS_MAX, Claim, Group, Score, Tie, alike, claim
from syncctl.model import FindingKind, Ref, SideName
from syncctl.nearness import nearness
from syncctl.projection import CELL, Key, Projection
from syncctl.values import Scope


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one pass over a mapping did."""

    projected: int
    paired: int
    judged: int


class Books:
    """The parts of one ledger that reconciling needs, together."""

    def __init__(self, records: Records, lookups: Lookups) -> None:
        engine = records.engine
        self.engine = engine
        self.records = records
        self.lookups = lookups
        self.sides = Sides(engine, records, lookups)
        self.pairs = Pairs(engine, lookups)
        self.findings = Findings(engine)
        self.passes = Passes(engine)


PROJECTION_VERSION: Final = 1
"""Raised whenever what projecting makes of a record changes: sides are then made anew."""


@dataclass(frozen=True, slots=True)
class Version:
    """`sides` changes when a side must be projected anew, `verdicts` also when only judging changed."""

    sides: str
    verdicts: str


PASSES_MAX: Final = 4
"""A person's match brings in a record that had no side yet: it is projected in a second pass."""


def refresh(books: Books, projection: Projection, version: Version, at: str) -> Refreshed:
    """Brings one mapping up to date: what changed since the last pass, everything when the mapping or a schema did."""
    mapping = books.lookups.mapping_id(projection.mapping.name)
    books.lookups.forget()
    done = _pass(books, projection, mapping, version, at)
    for _ in range(PASSES_MAX):
        if not books.passes.waiting(mapping):
            break
        more = _pass(books, projection, mapping, version, at)
        done = Refreshed(done.projected + more.projected, done.paired + more.paired, done.judged + more.judged)
    return done


def _pass(books: Books, projection: Projection, mapping: int, version: Version, at: str) -> Refreshed:
    last = books.passes.last(mapping)
    newest = books.passes.newest()
    fresh = last.sides != version.sides
    rejudge = fresh or last.verdicts != version.verdicts
    if not rejudge and newest <= last.seen and not books.passes.waiting(mapping):
        return Refreshed(0, 0, 0)
    projected, concerned = books.sides.project(mapping, projection, last.seen, fresh=fresh)
    if rejudge:
        books.pairs.forget_agreed(mapping)  # what was agreed under another mapping is judged by this one
    outcome = _Matching(books, projection, mapping, at).run() if projected or rejudge else _nothing()
    judged = _judge(books, projection, mapping, None if rejudge else concerned | outcome.pairs, at)
    if projected or rejudge:
        books.findings.replace_unmatched(mapping, _unmatched(books, projection, mapping, outcome), at)
    books.passes.set(mapping, Pass(version.sides, version.verdicts, newest))
    return Refreshed(projected, len(outcome.pairs), judged)


# --- matching ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Matched:
    """What matching found: new pairs, and records that are held because a rule could not decide."""

    pairs: set[int]
    ties: list[tuple[str, Tie]]
    proposals: list[tuple[str, Claim]]

    @property
    def held(self) -> set[tuple[str, int]]:
        """(side, record) of everything a tie or proposal holds."""
        groups: list[Tie | Claim] = [tie for _, tie in self.ties] + [claim for _, claim in self.proposals]
        return {("left", record) for group in groups for record in group.left} | {
            ("right", record) for group in groups for record in group.right
        }


def _nothing() -> Matched:
    return Matched(set(), [], [])


class _Matching:
    """One run of a mapping's rules over everything unmatched."""

    def __init__(self, books: Books, projection: Projection, mapping: int, at: str) -> None:
        self.books = books
        self.projection = projection
        self.mapping = mapping
        self.at = at
        self.many = projection.mapping.many
        self.outcome = _nothing()
        self.rejected: set[tuple[int, int]] = set()

    def run(self) -> Matched:
        """Human decisions first, then every rule in order."""
        self._decided()
        for number, key in enumerate(self.projection.rules):
            results = list(self._fuzzy(number, key) if key.fuzzy else self._keyed(number, key))
            self._take(key, results)
        return self.outcome

    def _decided(self) -> None:
        for decision in self.books.pairs.decisions(self.projection.mapping.name):
            left = self.books.sides.record_id(decision.left)
            right = self.books.sides.record_id(decision.right)
            if left is None or right is None:
                continue
            if decision.verdict == "reject":
                self.rejected.add((left, right))
            elif self._free(left, right):
                self._link([Link((left,), (right,), PERSON, 100.0, PERSON)])
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
            for group in self.books.sides.groups(self.mapping, number, self.many)
            if (trimmed := _without(group, held)) is not None
        )
        look = bool(self.rejected) or key.residual
        return claim(groups, self._score(key) if look else None, many=self.many)

    def _fuzzy(self, number: int, key: Key) -> Iterator[Claim | Tie]:
        held = self.outcome.held
        left = [row for row in self.books.sides.texts(self.mapping, number, "left") if ("left", row[0]) not in held]
        right = [row for row in self.books.sides.texts(self.mapping, number, "right") if ("right", row[0]) not in held]
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
            return Scope(*self.books.sides.stored(record), self.books.lookups)

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


# --- judging ----------------------------------------------------------------------------------------------------------


def _judge(books: Books, projection: Projection, mapping: int, pairs: set[int] | None, at: str) -> int:
    """Judges pairs (None: all) and replaces their findings; sides that agree as they stand are remembered so."""
    rows = books.sides.unequal(mapping) if pairs is None else books.sides.unequal_of(mapping, pairs)
    judging = _Judging(projection)
    subjects = None if pairs is None else [f"pair:{pair}" for pair in pairs]
    books.findings.replace(mapping, subjects, judging.verdicts(rows), at)
    books.pairs.agree(judging.agreements)
    if any(slot.entry.owner == "both" for slot in projection.slots):
        _agree_equal(books, projection, mapping, pairs)
    return judging.judged


class _Judging:
    """Judges rows as they come, so that no more than a few verdicts are in memory; agreements are kept for the end."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.agreements: list[tuple[int, int, str, int]] = []
        self.judged = 0

    def verdicts(self, rows: Iterable[Unequal]) -> Iterator[Verdict]:
        """What is not right in these pairs."""
        for row in rows:
            self.judged += 1
            if row.agreed:
                continue
            found = list(_pair_verdicts(self.projection, row))
            yield from found
            if not found:
                base = base_of(self.projection, row.left_body, row.right_body)
                self.agreements.append((row.left_hash, row.right_hash, base, row.pair))


def _agree_equal(books: Books, projection: Projection, mapping: int, pairs: set[int] | None) -> None:
    """Two-way fields need the base of the last agreement, so equal sides are remembered too."""
    rows = books.sides.newly_equal(mapping, pairs)
    books.pairs.agree((left, right, base_of(projection, body, body), pair) for pair, left, right, body in rows)


def _pair_verdicts(projection: Projection, row: Unequal) -> Iterator[Verdict]:
    subject = f"pair:{row.pair}"
    if row.left_scope or row.right_scope:
        yield from _standing_verdicts(projection, row, subject)
        return
    judgement = judge(projection, row.left_body, row.right_body, row.base)
    yield from cell_verdicts(projection, judgement, subject, row.left, row.right)


def cell_verdicts(
    projection: Projection, judgement: Judgement, subject: str, left: int, right: int
) -> Iterator[Verdict]:
    """One verdict per cell and per block of lines that differ."""
    if judgement.quiet:
        return
    for cell in differing(judgement):
        if cell.result == "tolerated":
            continue
        slot = projection.slots[cell.index]
        body = {
            "left": shown(cell.left),
            "right": shown(cell.right),
            "base": shown(cell.base),
            "reason": cell.reason,
            "hint": cell.hint,
            "owner": slot.entry.owner,
            "toward": cell.toward,
            "records": f"{left}:{right}",
            "result": cell.result,
        }
        yield Verdict(subject, FINDING_OF[cell.result], _field(projection, slot.name, left, right), tuple(body.items()))
    for block in judgement.lines:
        lines = projection.lines[block.block].block
        name = projection.lines[block.block].name
        body = {
            "left": f"{len(block.left)} lines",
            "right": f"{len(block.right)} lines",
            "reason": "amount",
            "owner": lines.owner,
            "toward": "" if lines.owner == "none" else "right" if lines.owner == "left" else "left",
            "records": f"{left}:{right}",
            "result": "report" if lines.owner == "none" else "write",
            "lines": json.dumps([block.left, block.right]),
        }
        yield Verdict(subject, FindingKind.DIFFERENCE, _field(projection, name, left, right), tuple(body.items()))


def _field(projection: Projection, name: str, left: int, right: int) -> str:
    """What a finding is about, for the ledger. Where several records share a partner, they also share the pair, and
    each of them has findings of its own; `field_name` is what people see.
    """
    return f"{name}{CELL}{left}:{right}" if projection.mapping.many else name


def field_name(field: str) -> str:
    """The field of a finding as people see it."""
    return field.partition(CELL)[0]


STANDING_KINDS: Final = {"filtered": FindingKind.LEFT_SCOPE, "poison": FindingKind.POISON}
QUIET_STANDING: Final = frozenset({"void", "deleted", "archived", "filtered"})


def _standing_verdicts(projection: Projection, row: Unequal, subject: str) -> Iterator[Verdict]:
    """A partner left: void, deleted, archived, or no longer what `where` asks for."""
    left, right = row.left_scope, row.right_scope
    if "before" in (left, right) or (left in QUIET_STANDING and right in QUIET_STANDING):
        return
    gone_side: SideName = "left" if left else "right"
    standing = left or right
    kind = STANDING_KINDS.get(standing, FindingKind.GONE)
    body = {
        "left": left or "open",
        "right": right or "open",
        "side": gone_side,
        "standing": standing,
        "records": f"{row.left}:{row.right}",
        "hint": _gone_hint(projection, gone_side, standing),
    }
    yield Verdict(subject, kind, _field(projection, "$state", row.left, row.right), tuple(body.items()))


def _gone_hint(projection: Projection, gone_side: SideName, standing: str) -> str:
    here, there = projection.mapping.side(gone_side)[0], projection.mapping.side(other(gone_side))[0]
    if standing == "filtered":
        return f"the {here} record is no longer what the mapping asks for, its {there} partner still is"
    return f"the record is {standing} in {here} and not in {there}"


def _unmatched(books: Books, projection: Projection, mapping: int, outcome: Matched) -> Iterator[Verdict]:
    """Ties, proposals and records without a partner."""
    yield from _undecided(outcome.ties, FindingKind.TIE)
    yield from _undecided(outcome.proposals, FindingKind.PROPOSAL)
    held = outcome.held
    for side in SIDES:
        for record, reason in books.sides.unreadable(mapping, side):
            yield Verdict(f"{side}:{record}", FindingKind.POISON, "", (("hint", reason),))
        twins = dict(_twins(books, projection, mapping, side))
        for record, hint in twins.items():
            yield Verdict(f"{side}:{record}", FindingKind.DUPLICATE, "", (("hint", hint),))
        created = projection.mapping.create in ("both", "right" if side == "left" else "left")
        if not created and not projection.mapping.reports_unmatched(side):
            continue
        for record, name, content in books.sides.unmatched(mapping, side):
            if (side, record) not in held and record not in twins:
                body = (("name", name), ("create", "yes" if created else ""), ("content", str(content)))
                yield Verdict(f"{side}:{record}", FindingKind.MISSING, "", body)


def _twins(books: Books, projection: Projection, mapping: int, side: SideName) -> Iterator[tuple[int, str]]:
    """Records that carry the marker of a source whose partner is another record: always news, whatever is ignored."""
    for place, key in enumerate(projection.rules):
        if key.marker is None or key.marker[0] != side:
            continue
        for record, _, text in books.sides.unpaired_keys(mapping, side, place):
            system, _, rest = text.partition(":")
            kind, _, identity = rest.partition(":")
            source = Ref(system, kind, identity)
            if (system, kind) != projection.mapping.side(other(side)):
                continue  # a text that only looks like a marker, or one of another mapping
            partner = books.lookups.partner(projection.mapping.name, source)
            if partner is not None:
                yield record, f"carries the marker of {source}, whose partner is {partner}: one of the two is too many"


def _undecided(found: Iterable[tuple[str, Tie | Claim]], kind: FindingKind) -> Iterator[Verdict]:
    for rule, group in found:
        subject = f"left:{group.left[0]}"
        body = {
            "rule": rule,
            "lefts": ",".join(map(str, group.left)),
            "rights": ",".join(map(str, group.right)),
            "score": f"{group.score:.0f}" if isinstance(group, Claim) else "",
        }
        yield Verdict(subject, kind, rule, tuple(body.items()))


def ref_of(books: Books, record: int) -> Ref:
    """The Ref of a ledger record number."""
    return books.sides.ref(record)
