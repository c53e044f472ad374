"""What a plan needs beside its limits: somebody else's approval, fields that stay untouched, rows left out. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from syncctl.guards import GuardTrip, amounts_moved, limit_of, only_bounded
from syncctl.model import Change, Edit, Money, Person, Plan

CANARY: Final = 3
"""So many writes of a run are read back before the rest goes out."""
APPROVAL: Final = "approve_above"
"""The guard that asks for a second person."""
PAUSE: Final = "pause"
PROTECTED: Final = "protected"
TRIES: Final = 3
"""So often a value is written that is found changed back at its vendor."""
KEPT_DAYS: Final = 30
"""A written value that stood for longer was kept, and tries begin anew: a workflow sets its value again within hours or
days, people make the same mistake again after months. A month is a choice, no vendor's number."""
_SELECTOR: Final = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Safeguards:
    """The project's, under `guards:`. `canary` is 0 where nothing is read back before the rest; `approve_above` is
    (currency, major units) pairs; `protected` are fields as `system.kind.field` that no mapping may write; `tries` is
    how often a value is written that is found changed back at its vendor, 0 for ever."""

    canary: int = CANARY
    approve_above: tuple[tuple[str, Decimal], ...] = ()
    protected: tuple[str, ...] = ()
    tries: int = TRIES


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's word on one plan: who, when (ISO-8601 UTC), and the intents that are left out, with the reason."""

    by: Person
    at: str
    left: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a plan is not sent: intent to the reason, in words that begin with who left it."""

    left: Mapping[str, str]

    def of(self, plan: Plan) -> Plan:
        """The plan with the rest only: what guards count. It has the whole plan's digest, and cannot be sent."""
        if not self.left:
            return plan
        return replace(plan, changes=tuple(change for change in plan.changes if change.intent not in self.left))


def selection(plan: Plan, left: Mapping[str, str]) -> Selection:
    """The rows that are left out, and every row that waits for one of them, with the same reason."""
    reasons = {change.intent: left[change.intent] for change in plan.changes if change.intent in left}
    before = -1
    while before != len(reasons):
        before = len(reasons)
        for change in plan.changes:
            why = next((reasons[parent] for parent in change.parents if parent in reasons), "")
            if why and change.intent not in reasons:
                reasons[change.intent] = why
    return Selection(reasons)


def left_words(by: Person, note: str) -> str:
    """Why a row was not sent: who left it, and the reason given."""
    return f"left by {by.name}: {note}"


def needs_approval(plan: Plan, safeguards: Safeguards) -> str:
    """The first amount above its limit, of one change or of all, in words; empty when the plan needs no approval.

    A currency that is not named needs none.
    """
    limits = dict(safeguards.approve_above)
    totals: dict[str, Decimal] = {}
    for change in plan.changes:
        for money in amounts_moved(change):
            totals[money.currency] = totals.get(money.currency, Decimal(0)) + money.amount
            if above := _above(money, limits):
                return f"{change.name or change.target} moves{_most([change])} {above}"
    for currency, total in totals.items():
        if above := _above(Money(total, currency), limits):
            return f"the plan moves{_most(plan.changes)} {above}"
    return ""


def _most(changes: Iterable[Change]) -> str:
    return " up to" if any(map(only_bounded, changes)) else ""


def _above(money: Money, limits: Mapping[str, Decimal]) -> str:
    limit = limit_of(money, limits)
    if limit is None or money.amount <= limit.amount:
        return ""
    return f"{str(money).strip()}, and above {limit} a second person approves"


def approval_trip(plan: Plan, approval: Approval | None, safeguards: Safeguards) -> GuardTrip | None:
    """Why a plan waits for a second person; None when it needs none, or somebody else gave it."""
    why = needs_approval(plan, safeguards)
    if not why:
        return None
    who = f"another user than {plan.made_by.name} on this machine"
    fix = f"{who}: syncctl approve {plan.id}; then: syncctl apply {plan.id}"
    if plan.made_by == NOBODY:
        return GuardTrip(APPROVAL, f"{why}; who made this plan is not known", "", "", "", "plan again")
    if approval is None:
        return GuardTrip(APPROVAL, why, "", "nobody has approved it", "", fix)
    if approval.by.uid == plan.made_by.uid:
        return GuardTrip(APPROVAL, why, "", "nobody else has approved it", "", fix)
    return None


NOBODY: Final = Person(-1, "")


def protected_trips(plan: Plan, safeguards: Safeguards) -> Iterator[GuardTrip]:
    """Each protected field that the plan would write, once, with the first change that does."""
    for name in safeguards.protected:
        found = next((change for change in plan.changes if _writes(change, name)), None)
        if found is not None:
            what = f"{name} is protected, and {found.name or found.target} (mapping {found.mapping}) would write it"
            fix = "take the field out of the mapping, or out of `guards: protected` in syncctl.yaml"
            yield GuardTrip(PROTECTED, what, "", "", "", fix)


def _writes(change: Change, name: str) -> bool:
    system, kind, field = name.split(".", 2)
    same = (change.target.system, change.target.kind) == (system, kind)
    return same and any(_touches(edit, field) for edit in change.edits)


def _touches(edit: Edit, field: str) -> bool:
    """True when an edit writes the field: itself, something inside it, or a whole element that holds it."""
    for place in {_plain(edit.path), _plain(edit.field)} - {""}:
        if place == field or place.startswith(f"{field}."):
            return True
        if field.startswith(f"{place}.") and (edit.action == "remove" or _holds(edit.after, field[len(place) + 1 :])):
            return True
    return False


def _plain(path: str) -> str:
    """A path without its selectors: `Line(Id=3).Amount` is `Line.Amount`."""
    return _SELECTOR.sub("", path)


def _holds(value: Any, path: str) -> bool:
    if isinstance(value, list):
        return any(_holds(element, path) for element in value)
    head, _, rest = path.partition(".")
    return isinstance(value, dict) and head in value and (not rest or _holds(value[head], rest))
