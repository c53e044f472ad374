"""People's edits that must stay, and whether a write of ours went over one. No I/O.

An edit of a mapped field that a plan saw may be put back by that plan: the other side owns the field. Until a plan has
seen it, and for a field that no mapping writes for ever, nothing of ours may change it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulation.hands import Place, places, same
from syncctl.model import Action, Change, Ref
from syncctl.sandbox.base import Sandbox

VERSIONED: Final = frozenset({"quickbooks", "salesforce", "erp"})
"""Vendors that check a version at the write: there an edit stays however late it comes."""


@dataclass
class HumanEdit:
    """One edit of a person; `seen` counts the plans that had been made before it."""

    ref: Ref
    place: Place
    value: str
    seen: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.place.path} of {self.ref} that a person had set to {self.value!r}"


@dataclass
class Edits:
    """One world's edits. `plans` is how many plans have been made so far."""

    sandboxes: Mapping[str, Sandbox]
    chance: random.Random
    plans: int = 0
    waiting: list[HumanEdit] = field(default_factory=list)
    made: int = 0

    def somebody_edits(self, changes: Iterable[Change], *, versioned_only: bool) -> HumanEdit | None:
        """Somebody edits a record that these changes are about to write; None where there is none."""
        free = [one for one in changes if self._editable(one, versioned_only=versioned_only)]
        if not free:
            return None
        change = self.chance.choice(free)
        there = places(change.target.system, change.target.kind)
        written = {edit.path for edit in change.edits}
        alike = [place for place in there if place.path in written]
        return self.edit(change.target, self.chance.choice(alike if alike and self.chance.random() < 0.7 else there))

    def unguarded(self, changes: Iterable[Change]) -> bool:
        """True when one of these writes a field that people edit too, and its vendor checks no version."""
        free = (
            one for one in changes if self._editable(one, versioned_only=False) and one.target.system not in VERSIONED
        )
        written = ({edit.path for edit in one.edits} & {p.path for p in places(*_kind(one))} for one in free)
        return any(written)

    def _editable(self, change: Change, *, versioned_only: bool) -> bool:
        """A record that stands there now; where versions are not checked, none that a late write may still reach."""
        ref = change.target
        if change.action is not Action.UPDATE or ref.provisional or not places(ref.system, ref.kind):
            return False
        return ref.system in VERSIONED or not (versioned_only or self.sandboxes[ref.system]._late)

    def edit(self, ref: Ref, place: Place) -> HumanEdit:
        """A person sets one field of a record to something new."""
        vendor: Any = self.sandboxes[ref.system].vendor
        # A stamp of whole seconds cannot tell two edits of one second apart.
        vendor.clock.source.advance(2)
        self.made += 1
        value = self._value(place.value)
        place.write(vendor, ref.id, value)
        self.waiting = [one for one in self.waiting if (one.ref, one.place.path) != (ref, place.path)]
        made = HumanEdit(ref, place, str(place.read(vendor, ref.id)), self.plans)
        self.waiting.append(made)
        return made

    def _value(self, sort: str) -> str:
        number = 1_000 + self.made
        return {
            "amount": f"{number}.31",
            "phone": f"+1202555{number}",
            "mail": f"person-{number}@by-hand.example",
            "day": f"2027-03-{1 + number % 27:02}",
        }.get(sort, f"By hand {number}")

    def overwritten(self, system: str) -> list[HumanEdit]:
        """Edits that the last write to this system went over, though nobody had shown them to a plan."""
        lost = []
        for edit in [one for one in self.waiting if one.ref.system == system]:
            now = edit.place.read(self.sandboxes[system].vendor, edit.ref.id)
            if same(now, edit.value):
                continue
            self.waiting.remove(edit)
            if not edit.place.mapped or edit.seen == self.plans:
                edit.text = str(now)
                lost.append(edit)
        return lost


def _kind(change: Change) -> tuple[str, str]:
    return change.target.system, change.target.kind
