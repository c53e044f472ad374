"""Plans one mapping in rounds until nothing new comes up, and tells what stays open. I/O: the ledger's overlay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.findings import OpenFinding
from syncctl.model import Action, Change, Finding, FindingKind, SideName
from syncctl.plan.creates import plan_create
from syncctl.plan.departures import plan_departure
from syncctl.plan.planning import Planning
from syncctl.plan.presenting import candidates, name_of, presented, refs_of
from syncctl.plan.taken import when_taken
from syncctl.plan.unkept import held_back, written_side
from syncctl.plan.unreadable import unreadable
from syncctl.plan.updates import plan_update
from syncctl.reconciliation.judging import field_name
from syncctl.reconciliation.refresh import Version, refresh
from syncctl.values.naming import called
from syncctl.writeback import Taken, Unlinked, Unwritable

ROUNDS_MAX: Final = 4
"""Rounds over one mapping: a create, what flows back from it, and one to see that nothing is left."""
HELD_BY: Final = frozenset(
    {
        FindingKind.TIE,
        FindingKind.PROPOSAL,
        FindingKind.DUPLICATE,
        FindingKind.CONFLICT,
        FindingKind.BLOCKED,
        FindingKind.POISON,
    }
)
"""Findings that hold whatever depends on their records."""
WENT: Final = frozenset({FindingKind.GONE, FindingKind.LEFT_SCOPE})
NO_TARGET: Final = {
    "archived": "{system}: make it active again there",
    "deleted": "{system}, or merged into another there: match what it belongs to with the record that took its place"
    " (`syncctl match confirm {mapping} …`)",
}
"""Standings of a record that takes no new references, and the way out: QuickBooks refuses them with code 610."""
Mark: TypeAlias = tuple[str, str, str]
"""One thing to plan, so that it is planned once: its subject, its records, and where it writes or what went."""


def mark_of(row: OpenFinding) -> Mark | None:
    """What planning a finding writes; None for one that only a person settles."""
    if row.kind == FindingKind.MISSING:
        return (row.subject, "", "create") if row.body.get("create") else None
    if row.kind in WENT:
        return row.subject, row.body["records"], "went"
    writes = row.kind == FindingKind.DIFFERENCE and row.body["result"] == "write"
    return (row.subject, row.body["records"], row.body["toward"]) if writes else None


class Rounds:
    """The rounds over one mapping. `done` is what was planned or refused, `idle` what turned out to need no edit,
    `accepted` what a person left as it is: what this plan does to other records makes it no other finding.
    """

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.books = planning.books
        self.mapping = self.books.lookups.mapping_id(planning.projection.mapping.name)
        self.done: set[Mark] = set()
        self.idle: set[Mark] = set()
        rows = self.books.findings.open(self.mapping)
        self.accepted = {(row.subject, row.kind, row.field): row for row in rows if row.accepted}

    def run(self, version: Version, *, wanted: bool) -> None:
        """Creates first, then what flows back from them; only looked at when not `wanted`."""
        for _ in range(ROUNDS_MAX):
            self.books.lookups.refresh()
            refresh(self.books, self.planning.projection, version, self.planning.at)
            if not wanted or not self._round(self._open()):
                break
        self._remaining()

    def _open(self) -> list[OpenFinding]:
        """What is open on the overlay; what was accepted before it still is."""
        return [self._kept(row) for row in self.books.findings.open(self.mapping)]

    def _kept(self, row: OpenFinding) -> OpenFinding:
        was = self.accepted.get((row.subject, row.kind, row.field))
        if was is None:
            return row
        return row._replace(accepted=True, note=was.note, accepted_by=was.accepted_by, accepted_at=was.accepted_at)

    def _round(self, rows: list[OpenFinding]) -> bool:
        """Plans every finding that was not planned yet; True when anything was. An accepted one is left as it is."""
        by_record: dict[tuple[str, str], list[OpenFinding]] = {}
        for row in rows:
            by_record.setdefault((row.subject, row.body.get("records", "")), []).append(row)
        before = len(self.planning.planned.changes), len(self.done)
        for listed in by_record.values():
            accepted = frozenset(field_name(row.field) for row in listed if row.accepted)
            self._record([row for row in listed if not row.accepted], accepted)
        return (len(self.planning.planned.changes), len(self.done)) != before

    def _record(self, rows: list[OpenFinding], accepted: frozenset[str]) -> None:
        """Plans what one record without partner, or one pair of records, needs; what cannot be written is told."""
        for row in sorted(rows, key=lambda each: each.body.get("toward") == "right"):
            mark = mark_of(row)
            if mark is None or mark in self.done:
                continue
            self.done.add(mark)
            if held_back(self.books, self.mapping, row, rows):
                self.idle.add(mark)
                continue
            try:
                self._plan(row, mark, accepted, {field_name(each.field): each.since for each in rows})
            except (Unwritable, Undecodable) as error:
                self._blocked(row, error)
                break

    def _plan(self, row: OpenFinding, mark: Mark, accepted: frozenset[str], since: Mapping[str, str]) -> None:
        if row.records is None:
            side, _, record = row.subject.partition(":")
            plan_create(self.planning, _side(side), int(record))
        elif row.kind in WENT:
            plan_departure(self.planning, row.records, _side(row.body["side"]), row.body["standing"])
        elif not plan_update(self.planning, row.records, _side(row.body["toward"]), accepted, since):
            self.idle.add(mark)

    def _blocked(self, row: OpenFinding, error: Exception) -> None:
        planned, projection = self.planning.planned, self.planning.projection
        held = planned.trouble(error.ref) if isinstance(error, Unlinked) else ""
        reason = f"waits for {error.ref}: {held}" if isinstance(error, Unlinked) and held else str(error)
        left, right = refs_of(self.books, row)
        if isinstance(error, Taken):
            reason = f"{reason}: {when_taken(self.planning, error.holder, left, right)}"
        name = name_of(self.books, projection, left, right)
        planned.findings.append(
            Finding(
                projection.mapping.name,
                FindingKind.BLOCKED,
                left,
                right,
                since=self.planning.at,
                hint=reason,
                name=name,
            )
        )
        for ref in (left, right):
            if ref is not None:
                planned.hold(ref, reason)

    # --- what stays open ---

    def _remaining(self) -> None:
        """Open findings that no change of this plan settles; they hold what depends on their records."""
        for row in self._open():
            if self._settled(row):
                continue
            finding = presented(self.books, self.planning.projection, row)
            finding = replace(finding, hint=self._left_alone(row) or finding.hint)
            self.planning.planned.findings.append(finding)
            self._hold(row, finding)
        self.planning.planned.findings += unreadable(self.books, self.planning.projection)

    def _left_alone(self, row: OpenFinding) -> str:
        """Why a field is not written although it differs, or ""."""
        toward = written_side(row)
        if toward is None or row.records is None:
            return ""
        key = self.planning.projection.mapping.name, row.records, toward, field_name(row.field)
        found = self.planning.planned.left_alone.get(key)
        return found.words if found else ""

    def _hold(self, row: OpenFinding, finding: Finding) -> None:
        """Holds what depends on the records of an undecided finding, and what would point to one that went."""
        planned = self.planning.planned
        if finding.kind in HELD_BY and not finding.accepted:
            listed = candidates(self.books, row) or [ref for ref in (finding.left, finding.right) if ref]
            for ref in listed:
                planned.hold(ref, _why(finding))
        standing = row.body.get("standing")
        went = finding.left if row.body.get("side") == "left" else finding.right
        if standing in NO_TARGET and went is not None:
            name = called(went, self.books.lookups, self.planning.projection.catalogue)
            way_out = NO_TARGET[standing].format(system=went.system, mapping=self.planning.projection.mapping.name)
            planned.went[went] = f"it needs {went.kind} {name} ({went.id}), which is {standing} in {way_out}"

    def _settled(self, row: OpenFinding) -> bool:
        """True when a change, or a blocked finding with its reason, speaks for this one."""
        mark = mark_of(row)
        if self._left_alone(row):
            return False
        if not row.accepted and mark in self.done and mark not in self.idle:
            return row.kind not in WENT or any(
                change.action in (Action.VOID, Action.ARCHIVE, Action.REACTIVATE) for change in self._changes(row)
            )
        # A total that the vendor adds up is checked again after the apply.
        added_up = row.body.get("result") == "report" and row.body.get("reason") in ("amount", "tax")
        return added_up and any(
            "(" in edit.path or edit.codec == "object" for change in self._changes(row) for edit in change.edits
        )

    def _changes(self, row: OpenFinding) -> list[Change]:
        """The planned changes of either record of a finding."""
        return [
            change for ref in refs_of(self.books, row) if ref is not None for change in self.planning.planned.of(ref)
        ]


def _side(text: str) -> SideName:
    return "left" if text == "left" else "right"


def _why(finding: Finding) -> str:
    """Why whatever depends on the records of a finding waits."""
    if finding.choice is not None:
        return f"rule {finding.choice.rule!r} of mapping {finding.mapping} could not decide"
    return finding.hint or f"{finding.kind} in mapping {finding.mapping}"
