"""Plans the way back: the changes that take what a run wrote back, and why some of it stays. I/O: the ledger's overlay.

What depends on a record goes before it, so everything is planned in the reverse order of the run; what stays keeps what
it rests on. Nothing deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from syncctl.edits import apply_edits
from syncctl.fields.jsontext import decode_json
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import OPEN, State
from syncctl.model import STAYS, Action, Change, Finding, FindingKind, Money, Raw, Ref, digest
from syncctl.plan.departures import DONE
from syncctl.plan.inverse import changed_since, inverse
from syncctl.plan.payments import pay, payments, refuse_settled
from syncctl.plan.periods import refuse_closed
from syncctl.plan.planning import Planning
from syncctl.plan.standing_in_the_way import refuse_fixed, refuse_leaned_on
from syncctl.plan.way_back import end_of, no_end, way_back
from syncctl.writeback import Unwritable

WAITS: Final = "it waits for "
WENT: Final = frozenset({"void", "archived", "deleted"})


@dataclass(frozen=True, slots=True)
class WayBack:
    """What planning an undo made. `back` are operations whose records say already what they said before."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    back: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What a run wrote: its operations in their order, those that were taken back before, with the run that did, and
    the records that a later run of ours wrote, with that run."""

    operations: Sequence[Operation]
    undone: Mapping[str, str]
    later: Mapping[Ref, str]


def plan_way_back(afresh: Callable[[], Planning], written: Written) -> WayBack:
    """The changes that take back what a run wrote. `afresh` gives a planning, be it that of any mapping, with nothing
    planned yet: what stays because a new record stays is known only after a first look.
    """
    kept: dict[str, Operation] = {}
    while True:
        planning = afresh()
        with planning.books.engine.overlay():
            try:
                way = _WayBack(planning, written, kept)
                made = way.plan()
            finally:
                planning.books.lookups.forget()
        told = way.told_of_what_stays()
        if told.keys() <= kept.keys():
            return made
        kept |= told


class _Back(Exception):
    """There is nothing to take back: the record is as it was before."""


class _WayBack:
    """One undo while it is planned. `stays` says by intent why something is not taken back, `kept` what stays for the
    sake of a new record that does.
    """

    def __init__(self, planning: Planning, written: Written, kept: Mapping[str, Operation]) -> None:
        self.planning = planning
        self.written = written
        self.kept = kept
        self.made = {one.ref: one for one in written.operations if _made(one) and one.ref is not None}
        self.children = self._children()
        self.stays: dict[str, str] = {}
        self.undo_of: dict[str, Change] = {}
        self.findings: list[Finding] = []
        self.back: list[Operation] = []

    def plan(self) -> WayBack:
        for operation in reversed(self.written.operations):
            stands = operation.id not in self.written.undone
            if stands and (operation.state in OPEN or self._ours(operation)):
                self._one(operation)
        return WayBack(tuple(self.undo_of.values()), tuple(self.findings), tuple(self.back))

    def told_of_what_stays(self) -> dict[str, Operation]:
        """The updates that tell of a new record which stays: the CRM goes on saying what is in the books."""
        updates = {one.intent for one in self.written.operations if one.change.action is Action.UPDATE}
        return {
            child: operation
            for operation in self.made.values()
            if operation.intent in self.stays
            for child in self.children.get(operation.intent, ())
            if child in updates and child not in self.stays
        }

    def _ours(self, operation: Operation) -> bool:
        """False for what was there already, and for what goes with the record that the same run made."""
        part = self.made.get(_target(operation))
        return operation.sent is not None and (part is None or part is operation)

    def _children(self) -> dict[str, list[str]]:
        """What waited for each intent; the parts of a new record count as that record."""
        operations = self.written.operations
        whole = {one.intent: self.made[_target(one)].intent for one in operations if _target(one) in self.made}
        found: dict[str, list[str]] = {}
        for one in operations:
            child = whole.get(one.intent, one.intent)
            for parent in {whole.get(parent, parent) for parent in one.change.parents} - {child}:
                found.setdefault(parent, []).append(child)
        return found

    def _one(self, operation: Operation) -> None:
        try:
            if operation.state in OPEN:
                raise Unwritable("whether it was written is not known yet: see `syncctl ops list`")
            keeper = self.kept.get(operation.intent)
            if keeper is not None:
                raise Unwritable(f"it tells of {keeper.change.name or keeper.ref}, which stays")
            change = self._change(operation)
        except _Back:
            self.back.append(operation)
        except Unwritable as error:
            self._stays(operation, str(error))
        else:
            children = self.children.get(operation.intent, ())
            parents = (self.undo_of[child].intent for child in children if child in self.undo_of)
            self.undo_of[operation.intent] = replace(change, parents=tuple(dict.fromkeys(parents)))

    def _refuse_held(self, operation: Operation) -> None:
        """What depends on it is taken back before it, or it stays."""
        for child in self.children.get(operation.intent, ()):
            if child in self.stays and self.kept.get(child) is not operation:
                raise Unwritable(f"{WAITS}{self.stays[child]}")

    def _stays(self, operation: Operation, reason: str) -> None:
        change, target = operation.sent or operation.change, _target(operation)
        whose = f"{change.name or target} in {target.system}, which stays: {reason}"
        self.stays[operation.intent] = reason.removeprefix(WAITS) if reason.startswith(WAITS) else whose
        source, shown = (ref if ref and not ref.provisional else None for ref in (change.source, target))
        sides = self.planning.projection.catalogue.sides.get(change.mapping)
        on_left = sides is not None and sides[0] == (target.system, target.kind)
        left, right = (shown, source) if on_left else (source, shown)
        self.findings.append(
            Finding(
                change.mapping,
                FindingKind.BLOCKED,
                left,
                right,
                since=self.planning.at,
                name=change.name,
                amount=change.amount,
                hint=f"{STAYS}{reason}",
            )
        )

    # --- one operation ---

    def _change(self, operation: Operation) -> Change:
        """What takes one operation back. Raises Unwritable when nothing may, _Back when nothing must."""
        if operation.erased:
            raise Unwritable("what was written was purged from the ledger; change it back at the vendor by hand")
        sent = operation.sent or operation.change
        ref = operation.ref or sent.target
        self.planning.planned.refuse_read_only(ref)
        self.planning.planned.refuse_held(ref)
        intent = digest("undo", operation.id)[:24]
        self.planning.planned.refuse_open(intent)
        change = Change(intent, sent.mapping, sent.action, ref, None, sent.name, undoes=operation.id)
        if sent.action is Action.UPDATE:
            change = self._updated(change, operation, sent)
        elif sent.action is Action.CREATE:
            change = self._ended(change, operation, sent)
        else:
            change = self._switched(change, operation, sent)
        undo, final = way_back(change.action, self.planning.schema(ref))
        return replace(change, undo=undo, final=final, version=self.planning.stored(ref).version)

    def _now(self, ref: Ref) -> tuple[Raw, str]:
        """The record as it is, and its state. Raises Unwritable for one that cannot be read."""
        raw = self.planning.books.lookups.record(ref)
        if raw is None:
            raise Unwritable(f"{ref} is not in the ledger any more")
        if self.planning.books.histories.gone(ref):
            return raw, "deleted"
        return raw, self.planning.projection.catalogue.state(ref, raw)

    def _updated(self, change: Change, operation: Operation, sent: Change) -> Change:
        now, state = self._now(change.target)
        schema = self.planning.schema(change.target)
        if state in ("deleted", "void"):
            raise Unwritable(f"it is {state} in {change.target.system} by now")
        base = decode_json(operation.base) if operation.base else None
        found = inverse(schema, sent.edits, base, now)
        if found.moved:
            raise Unwritable(self._changed(change.target, found.moved))
        if not found.edits:
            raise _Back
        after = apply_edits(now, found.edits)
        refuse_closed(self.planning, change.target, now, after)
        moves = payments(self.planning, schema, now, after)
        change = replace(
            change,
            edits=found.edits,
            amount=sent.amount_before or _none_of(sent.amount),
            amount_before=sent.amount,
            reason="back to what it was before",
        )
        self._take(operation, change, moves)
        self.planning.store_after(change.target, after)
        return change

    def _ended(self, change: Change, operation: Operation, sent: Change) -> Change:
        """A record that the run made is voided or archived, as its vendor can."""
        schema = self.planning.schema(change.target)
        action = end_of(schema)
        if action is None:
            raise Unwritable(no_end(schema))
        now, state = self._now(change.target)
        if state in WENT:
            raise _Back
        first = self.planning.books.histories.first(change.target) or now
        later = {edit.path for part in self._parts(change.target) for edit in part.edits}
        changed = changed_since([edit for edit in sent.edits if edit.path not in later], first, now)
        if changed:
            raise Unwritable(self._changed(change.target, changed))
        if action is Action.VOID:
            refuse_closed(self.planning, change.target, now)
            refuse_settled(self.planning, change.target, now)
            refuse_fixed(schema, now)
        refuse_leaned_on(self.planning, change.target, now)
        moves = payments(self.planning, schema, now, {})
        change = replace(change, action=action, amount=sent.amount, reason="that run made it")
        self._take(operation, change, moves)
        return change

    def _changed(self, ref: Ref, fields: Sequence[str]) -> str:
        """Which fields somebody changed since, and who: a later run of ours is undone first."""
        by = self.written.later.get(ref)
        said = f"{', '.join(fields)} changed since"
        return f"{said}: run {by} wrote it, undo that run first" if by else f"{said}; what stands there now stays"

    def _parts(self, ref: Ref) -> list[Change]:
        """The later writes of the same run to a record that it made."""
        mine = (one for one in self.written.operations if _target(one) == ref and not _made(one))
        return [one.sent or one.change for one in mine]

    def _switched(self, change: Change, operation: Operation, sent: Change) -> Change:
        undo, final = way_back(sent.action, self.planning.schema(change.target))
        if not undo:
            raise Unwritable(final)
        _, state = self._now(change.target)
        if (state == "archived") is not (sent.action is Action.ARCHIVE):
            raise _Back
        change = replace(change, action=Action(undo), amount=sent.amount, reason=f"that run {_did(sent.action)} it")
        self._take(operation, change, {})
        return change

    def _take(self, operation: Operation, change: Change, moves: Mapping[Ref, Decimal]) -> None:
        """The overlay with the change made: a payment that is taken back is owed again. Raises Unwritable."""
        self._refuse_held(operation)
        self.planning.planned.add(change)
        pay(self.planning, change.target, moves)


def _none_of(money: Money | None) -> Money | None:
    """Where no amount was before, all of it is moved back."""
    return replace(money, amount=Decimal(0)) if money is not None else None


def _did(action: Action) -> str:
    return DONE[action].replace("made active again", "made active")


def _made(operation: Operation) -> bool:
    return operation.change.action is Action.CREATE and operation.state is State.APPLIED


def _target(operation: Operation) -> Ref:
    """The record that an operation wrote."""
    return operation.ref or (operation.sent or operation.change).target
