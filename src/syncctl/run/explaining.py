"""The use case explain: why a record matched, why not, and why each of its values is as it is. I/O: the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.comparison import SKIPPED
from syncctl.diff import CellVerdict, judge_cell, pair_equal, split_body
from syncctl.errors import NotHere
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.names import Named, Names
from syncctl.ledger.sides import SIDES
from syncctl.linewords import line_words
from syncctl.mapping.language import other
from syncctl.model import Finding, Ref, SideName
from syncctl.project import Project
from syncctl.projection.cells import CELL
from syncctl.projection.keys import Key
from syncctl.projection.projection import Projection
from syncctl.projection.slots import Slot
from syncctl.run.planning import open_findings, refresh_all
from syncctl.run.review import known_record
from syncctl.values.canonical import local_date
from syncctl.values.forms import Reading
from syncctl.values.naming import called
from syncctl.values.scope import Scope

NEAR_MAX: Final = 5
"""Records over there that are named for one rule."""


@dataclass(frozen=True, slots=True)
class Value:
    """One mapped field of a pair. `said` is equal, apart (equal as far as the mapping asks), a cell's result, or what a
    plan made now does in its place: held (an undo keeps it), waits (its owner is right, and nothing is written now),
    follows (from what is corrected).
    """

    field: str
    type: str
    left: str
    right: str
    said: str
    owner: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class LineGap:
    """One block of lines: how many agree, and the words of those that do not."""

    field: str
    equal: int
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One match rule and a record without a partner: what it looks for, and who has that over there."""

    rule: str
    wanted: str
    found: tuple[Named, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """A record as one mapping sees it; with a partner the pair, without one what each rule looked for."""

    mapping: str
    side: SideName
    record: Named
    standing: str = ""
    left_out: str = ""
    partner: Named | None = None
    rule: str = ""
    score: float = 0
    decided_by: str = ""
    values: tuple[Value, ...] = ()
    lines: tuple[LineGap, ...] = ()
    looks: tuple[Look, ...] = ()
    findings: tuple[Finding, ...] = ()


def named_records(project: Project, text: str) -> tuple[Named, ...]:
    """The records that a person means: a Ref, or an exact name, number or id. Raises UsageError when there is none."""
    compiled = project.projections()
    refresh_all(project, compiled)
    found = Names(project.engine).called(text)
    ref = _as_ref(text)
    if ref is not None and not found:
        known_record(project, ref)
        return (Named(ref, called(ref, project.lookups, project.catalogue())),)
    if not found:
        fix = "pull first; then type a reference as tables show it, or an exact name, number or id"
        raise NotHere(f"the ledger has no record called {text!r}", fix=fix)
    return found


def one_thing(project: Project, records: Sequence[Named]) -> bool:
    """True when the records are one thing: each is a partner of another, by some mapping."""
    left = {one.ref for one in records}
    reached = {records[0].ref}
    while new := {two for one in reached for two in _partners(project, one)} & left - reached:
        reached |= new
    return reached == left


def _partners(project: Project, ref: Ref) -> set[Ref]:
    sides = [mapping for mapping in project.mappings if (ref.system, ref.kind) in (mapping.left, mapping.right)]
    return {found for mapping in sides if (found := project.lookups.partner(mapping.name, ref)) is not None}


def explain(project: Project, records: Sequence[Named]) -> tuple[View, ...]:
    """What every mapping makes of these records; a pair is told once. Raises ConfigError."""
    compiled = project.projections()
    findings = open_findings(project, compiled, frozenset())
    told: set[tuple[str, int]] = set()
    views: list[View] = []
    for record in records:
        for projection, _ in compiled:
            for side in SIDES:
                name, pair = projection.mapping.name, None
                if projection.mapping.side(side) != (record.ref.system, record.ref.kind):
                    continue
                pair = project.lookups.pair(name, record.ref)
                if pair is None or (name, pair) not in told:
                    views.append(_Viewing(project, projection, side, record, findings).view(pair))
                    told |= {(name, pair)} if pair is not None else set()
    return tuple(views)


def _as_ref(text: str) -> Ref | None:
    try:
        return Ref.parse(text)
    except ValueError:
        return None


class _Viewing:
    """One record under one mapping."""

    def __init__(
        self, project: Project, projection: Projection, side: SideName, record: Named, findings: Sequence[Finding]
    ) -> None:
        self.project = project
        self.projection = projection
        self.side = side
        self.record = record
        self.mapping = projection.mapping.name
        self.number = project.lookups.mapping_id(self.mapping)
        self.findings = tuple(
            one for one in findings if one.mapping == self.mapping and record.ref in (one.left, one.right)
        )

    def view(self, pair: int | None) -> View:
        """The record with its partner, or with what was looked for."""
        held = self._held(self.side, self.record.ref)
        standing = "outside `where`, before the cutover, or void" if held is None else held[1]
        partner = self.project.lookups.partner(self.mapping, self.record.ref) if pair is not None else None
        if partner is None or pair is None:
            looks = tuple(self._looks()) if held is not None else ()
            left_out = "" if standing or self.findings else self._left_out()
            return View(self.mapping, self.side, self.record, standing, left_out, looks=looks, findings=self.findings)
        over = Named(partner, called(partner, self.project.lookups, self.projection.catalogue))
        found = next(row for row in self.project.books.pairs.of(self.number) if row[0] == pair)
        return View(
            self.mapping,
            self.side,
            self.record,
            standing,
            "",
            over,
            *found[3:],
            values=tuple(self._becomes(each, partner) for each in self._values(pair, partner)),
            lines=tuple(self._lines(partner)),
            findings=self.findings,
        )

    def _left_out(self) -> str:
        """Where the mapping says that such a record without a partner is no news; empty where it is news."""
        mapping = self.projection.mapping
        return str(mapping.unmatched_at) if mapping.leaves_out(self.side) else ""

    def _held(self, side: SideName, ref: Ref) -> tuple[str, str] | None:
        record = self.project.books.records.number_of(ref)
        return None if record is None else self.project.books.comparing.body(self.number, side, record)

    def _scopes(self, partner: Ref) -> tuple[Scope, Scope]:
        """Where the values of the left and of the right record are read."""
        refs = (self.record.ref, partner) if self.side == "left" else (partner, self.record.ref)
        left, right = (Scope(ref, self.project.lookups.record(ref) or {}, self.project.lookups) for ref in refs)
        return left, right

    def _values(self, pair: int, partner: Ref) -> Iterator[Value]:
        bodies = [self._held(self.side, self.record.ref), self._held(other(self.side), partner)]
        cells = [split_body(held[0], 0)[0] if held else [] for held in bodies]
        lefts, rights = cells if self.side == "left" else reversed(cells)
        agreed = json.loads(self.project.books.pairs.base(pair))
        left, right = self._scopes(partner)
        for number, (slot, here, there) in enumerate(zip(self.projection.slots, lefts, rights, strict=False)):
            silent = any(SKIPPED not in (lefts[each], rights[each]) for each in slot.after)
            if silent or SKIPPED in (here, there):
                continue  # the entry does not speak of this pair
            verdict = None if here == there else judge_cell(number, slot, here, there, agreed.get(slot.name))
            yield Value(
                slot.name,
                slot.common,
                self._shown(slot.left, left, slot.common),
                self._shown(slot.right, right, slot.common),
                _said(slot, verdict, equal=here == there),
                self._owner(slot),
                verdict.hint if verdict else "",
            )

    def _becomes(self, value: Value, partner: Ref) -> Value:
        """The value with what a plan made now does about it, where that is something else than its mapping says."""
        if value.said not in ("write", "report"):
            return value
        pair = {self.record.ref, partner}
        findings = [one for one in self.findings if {one.left, one.right} == pair]
        own = [one for one in findings if one.field == value.field]
        planned = any(one.planned for one in own)
        if any(one.on_hold for one in own or findings):
            return replace(value, said="held")
        if value.said == "write":
            return value if planned else replace(value, said="waits")
        return replace(value, said="follows") if planned else value

    def _owner(self, slot: Slot) -> str:
        """The system whose value is written, `both`, `none`, or `once`."""
        owner = slot.entry.owner
        if slot.entry.once:
            return "once"
        return self.projection.mapping.side(owner)[0] if owner in ("left", "right") else owner

    def _shown(self, reading: Reading, scope: Scope, common: str = "") -> str:
        """A value as people read it: a record by name and Ref, an option by its label, a day as in the books."""
        try:
            value = reading.read(scope.root, scope)
            day = common == "date" and not isinstance(value, tuple)
            return self._named(local_date(value, self.projection.catalogue.time_zone) if day else value, reading)
        except Undecodable as error:
            return f"cannot be read: {error}"

    def _named(self, value: Any, reading: Reading) -> str:
        if isinstance(value, tuple):
            return ", ".join(self._named(one, reading) for one in value)
        if isinstance(value, Ref):
            return f"{called(value, self.project.lookups, self.projection.catalogue)} ({value})"
        text = show(value)
        options = reading.own.options if reading.own else ()
        return next((label for identity, label in options if identity == text and label), text)

    def _lines(self, partner: Ref) -> Iterator[LineGap]:
        scopes = dict(zip(SIDES, self._scopes(partner), strict=True))
        try:
            claimed = {side: self.projection.claimed(side, scope.root, scope) for side, scope in scopes.items()}
        except Undecodable:  # the record is set aside, and its finding says why
            return
        for (block, ours), (_, theirs) in zip(claimed["left"], claimed["right"], strict=True):
            elements = {"left": ours, "right": theirs}
            cells = {
                side: [CELL.join(cell(one, scopes[side]) for cell in block.cells[side]) for one in elements[side]]
                for side in SIDES
            }
            apart = dict(zip(SIDES, pair_equal(block, cells["left"], cells["right"]), strict=True))
            words = [
                tuple(
                    line_words(block, side, elements[side][place], scopes[side], self.projection.catalogue)
                    for place in apart[side]
                )
                for side in SIDES
            ]
            if ours or theirs:
                yield LineGap(block.name, len(ours) - len(apart["left"]), *words)

    def _looks(self) -> Iterator[Look]:
        record = self.project.books.records.number_of(self.record.ref)
        for place, key in enumerate(self.projection.rules):
            text = self.project.books.candidates.key(self.number, self.side, record or 0, place)
            if not text:
                yield Look(key.name, "")
                continue
            where = (self.number, other(self.side), place, text)
            found = Names(self.project.engine).with_key(*where, NEAR_MAX)
            yield Look(key.name, self._wanted(key, text), found, self.project.books.candidates.count_with_key(*where))

    def _wanted(self, key: Key, text: str) -> str:
        """What a rule looks for, in words: records by their names."""
        if key.marker is not None:
            return text
        scope = Scope(self.record.ref, self.project.lookups.record(self.record.ref) or {}, self.project.lookups)
        criteria = key.left if self.side == "left" else key.right
        return ", ".join(
            self._shown(reading, scope) for criterion, reading, *_ in criteria if criterion.exact or key.fuzzy
        )


def _said(slot: Slot, verdict: CellVerdict | None, *, equal: bool) -> str:
    if slot.entry.once:
        return "once"
    if equal:
        return "equal"
    return "apart" if verdict is None else verdict.result
