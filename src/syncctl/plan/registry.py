"""What is planned so far: changes by intent and by record, what waits for what, what is held and why. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from syncctl.edits import unknowns
from syncctl.fields.schema import Schema
from syncctl.model import Action, Change, Finding, Raw, Ref
from syncctl.plan.names import Names
from syncctl.plan.order import joined, one_amount, waits_for
from syncctl.writeback import Unwritable


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands before the plan: intents whose outcome is open, and the systems that are only read."""

    open_intents: Mapping[str, str] = field(default_factory=dict)
    read_only: frozenset[str] = frozenset()


LeftAlone: TypeAlias = tuple[str, tuple[int, int], str, str]
"""A field of a pair that is not written: mapping, ledger numbers, the side that would be written, the field's name."""


@dataclass(frozen=True, slots=True)
class ChangedBack:
    """Why a field is not written again, in words, and the writes (ids of operations) that were changed back."""

    words: str
    writes: tuple[str, ...]


class Planned:
    """The changes and findings of one plan while it is made. `trouble` says why a record is held, `went` why a record
    takes no new references, `left_alone` why a field of a pair (mapping, ledger numbers, side, field) is not written.
    """

    def __init__(self, standing: Standing, trouble: Mapping[Ref, str]) -> None:
        self.changes: dict[str, Change] = {}
        self.findings: list[Finding] = []
        self.went: dict[Ref, str] = {}
        self.left_alone: dict[LeftAlone, ChangedBack] = {}
        self._trouble = dict(trouble)
        self._open_intents = standing.open_intents
        self._read_only = standing.read_only
        self._by_target: dict[Ref, list[str]] = {}
        self._paying: dict[Ref, list[str]] = {}
        self._names = Names()

    def of(self, ref: Ref) -> list[Change]:
        """The planned changes to a record."""
        return [self.changes[intent] for intent in self._by_target.get(ref, ())]

    def trouble(self, ref: Ref) -> str:
        """Why whatever depends on this record is held, or ""."""
        return self._trouble.get(ref, "")

    def hold(self, ref: Ref, reason: str) -> None:
        """Holds whatever depends on this record from now on; the first reason stays."""
        self._trouble.setdefault(ref, reason)

    def refuse_held(self, ref: Ref) -> None:
        """Raises Unwritable when a record is held."""
        held = self.trouble(ref)
        if held:
            raise Unwritable(f"waits for {ref}: {held}")

    def refuse_read_only(self, target: Ref) -> None:
        """Raises Unwritable for a record of a system that is only read."""
        if target.system in self._read_only:
            raise Unwritable(
                f"{target.system} is read only: take `read_only` of it out of syncctl.yaml, or write it there by hand"
            )

    def refuse_open(self, intent: str) -> None:
        """Raises Unwritable for an intent whose outcome is open: it is never planned again."""
        state = self._open_intents.get(intent)
        if state is not None:
            raise Unwritable(f"an earlier write of this is {state}: it is resolved before anything is sent again")

    def give_names(self, schema: Schema, change: Change, made: Raw) -> None:
        """Gives a change, which leaves its record as `made`, its unique names.

        Raises Unwritable when this plan gives one of them to another record.
        """
        taken = self._names.taken(schema, change, made)
        if taken:
            raise Unwritable(taken)
        self._names.give(schema, change, made)

    def with_parents(self, change: Change, rests_on: Iterable[Ref], reads: frozenset[str]) -> Change:
        """The change with what it waits for: every planned change to its source, its links and its unknowns.

        Raises Unwritable when one of them is held, or when it would point to a record that went: QuickBooks refuses
        that (code 610). What is read from an archived record of the other system is as good as ever.
        """
        refs = sorted({*rests_on, *(unknown.ref for edit in change.edits for unknown in unknowns(edit.after))})
        for ref in refs:
            self.refuse_held(ref)
            if ref in self.went and ref.system == change.target.system and ref != change.target:
                raise Unwritable(self.went[ref])
        parents = [
            planned.intent
            for ref in refs
            for planned in self.of(ref)
            if planned.intent != change.intent and _matters(change, planned, reads)
        ]
        paying = self._paying.get(change.source, ()) if change.source is not None else ()
        return replace(change, parents=tuple(dict.fromkeys((*parents, *paying))))

    def add(self, change: Change) -> None:
        """Adds a change, or joins it to a planned one of the same record where no cycle would follow and guards see all
        that it moves."""
        for held in self.of(change.target):
            waits = waits_for(self.changes, change.parents, held.intent)
            writes = change.action is Action.UPDATE and held.action in (Action.UPDATE, Action.CREATE)
            if writes and not waits and one_amount(held, change):
                self.changes[held.intent] = joined(held, change)
                return
            if held.action is Action.CREATE and not waits:
                change = replace(change, parents=(*change.parents, held.intent))
        self.changes[change.intent] = change
        self._by_target.setdefault(change.target, []).append(change.intent)
        self._pay_after(change)

    def pays(self, payment: Ref, paid: Ref) -> None:
        """What reads a paid record waits for the changes to its payments, and they wait for what is written to it."""
        self._paying.setdefault(paid, []).extend(self._by_target[payment])
        for planned in self.of(paid):
            self._pay_after(planned)

    def _pay_after(self, update: Change) -> None:
        """Its payments wait for an update, unless it waits for them: Xero refuses most updates of a paid document."""
        if update.action is not Action.UPDATE:
            return
        for intent in self._paying.get(update.target, ()):
            payment = self.changes[intent]
            if update.intent not in payment.parents and not waits_for(self.changes, (update.intent,), intent):
                self.changes[intent] = replace(payment, parents=(*payment.parents, update.intent))


def _matters(change: Change, planned: Change, reads: frozenset[str]) -> bool:
    """False for an update of the source by the same mapping that touches nothing this change reads.

    A mapping that also writes back (the new id into the source's metadata) would otherwise wait for itself.
    """
    if planned.mapping != change.mapping or planned.action is not Action.UPDATE:
        return True
    return any(edit.path == place or edit.path.startswith(f"{place}.") for edit in planned.edits for place in reads)
