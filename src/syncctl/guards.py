"""Guards: limits that a plan must keep before anything is sent. No I/O.

A tripped guard is a value; the caller raises it. Limits, a mapping's own limits and the overrides of one command line
have one shape: `mapping.language.Guards`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from syncctl.errors import GuardTripped
from syncctl.mapping.language import Guards
from syncctl.model import Action, Change, Money, Plan

RATIO_FROM_CHANGES: Final = 20
"""A share of few records says nothing: 3 of 5 is a quiet night."""
MAX_CHANGES: Final = 50
MAX_RATIO: Final = Decimal("0.10")
PROJECT: Final = Guards(max_changes=MAX_CHANGES, max_ratio=MAX_RATIO)
NONE: Final = Guards()


@dataclass(frozen=True, slots=True)
class Facts:
    """What else decides whether a plan may be sent. `shrunk`: kinds (`system.kind`) whose complete pull brought over
    20 % fewer records than before."""

    first_run: bool = False
    live: bool = False
    shrunk: tuple[str, ...] = ()
    allow_shrunk: bool = False


@dataclass(frozen=True, slots=True)
class GuardTrip:
    """One limit that the plan breaks. `flag` overrides it for one command, or is empty where nothing may; `fix` is
    the way out where there is another. What is no limit has an empty one."""

    guard: str
    what: str
    limit: str
    actual: str
    flag: str
    fix: str = ""

    def __str__(self) -> str:
        allowed = f", allowed is {self.limit}" if self.limit else ""
        return f"{self.what}: {self.actual}{allowed}" if self.actual else f"{self.what}{allowed}"

    def error(self) -> GuardTripped:
        """The exception for it."""
        fix = f"look at the plan, then allow it with `{self.flag}`" if self.flag else "look at the plan, then apply it"
        return GuardTripped(str(self), guard=self.flag, fix=self.fix or fix)


def check_guards(
    plan: Plan,
    limits: Guards = PROJECT,
    *,
    mappings: Mapping[str, Guards],
    in_scope: Mapping[str, int],
    overrides: Guards = NONE,
    facts: Facts,
) -> tuple[GuardTrip, ...]:
    """Every limit that the plan breaks; empty when it may be sent.

    `mappings` are the limits of the mappings that have their own, which hold instead of the project's for their
    changes; `in_scope` counts each mapping's target records in the ledger; `overrides` win over both.
    """
    if not plan.changes:
        return ()
    groups = tuple(_groups(plan.changes, limits, mappings, overrides))
    return (
        *_circumstances(facts),
        *(trip for group in groups for trip in _too_many(group)),
        *_too_much_of_a_mapping(plan.changes, limits, mappings, overrides, in_scope),
        *(trip for group in groups for trip in _too_dear(group)),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Changes that share limits; `name` is the mapping's, or empty for the project's."""

    name: str
    changes: tuple[Change, ...]
    max_changes: int | None
    max_amount: Mapping[str, Decimal]

    @property
    def label(self) -> str:
        return f" of mapping {self.name}" if self.name else ""


def _groups(
    changes: Sequence[Change], limits: Guards, mappings: Mapping[str, Guards], overrides: Guards
) -> Iterator[_Group]:
    """Per kind of limit: each mapping with one of its own, and all others together."""
    own_count = {name for name, own in mappings.items() if own.max_changes is not None}
    own_amount = {name for name, own in mappings.items() if own.max_amount}
    for name in sorted(own_count | own_amount):
        own = mappings[name]
        here = tuple(change for change in changes if change.mapping == name)
        count = _count(overrides, own) if name in own_count else None
        # A currency that the mapping does not name keeps the project's limit.
        amounts = {**dict(limits.max_amount), **dict(own.max_amount), **dict(overrides.max_amount)}
        yield _Group(name, here, count, amounts if name in own_amount else {})
    rest_count = tuple(change for change in changes if change.mapping not in own_count)
    yield _Group("", rest_count, _count(overrides, limits), {})
    rest_amount = tuple(change for change in changes if change.mapping not in own_amount)
    yield _Group("", rest_amount, None, {**dict(limits.max_amount), **dict(overrides.max_amount)})


def _count(overrides: Guards, limits: Guards) -> int | None:
    return limits.max_changes if overrides.max_changes is None else overrides.max_changes


def _too_many(group: _Group) -> Iterator[GuardTrip]:
    count = len(group.changes)
    if group.max_changes is not None and count > group.max_changes:
        what = f"number of changes{group.label}"
        yield GuardTrip("max_changes", what, str(group.max_changes), str(count), f"--max-changes {count}")


def _too_much_of_a_mapping(
    changes: Sequence[Change],
    limits: Guards,
    mappings: Mapping[str, Guards],
    overrides: Guards,
    in_scope: Mapping[str, int],
) -> Iterator[GuardTrip]:
    for name, count in Counter(change.mapping for change in changes).items():
        own = mappings.get(name, NONE)
        limit = next((one for one in (overrides.max_ratio, own.max_ratio, limits.max_ratio) if one is not None), None)
        if limit is None or count < RATIO_FROM_CHANGES:
            continue
        scope = in_scope.get(name, 0)
        # Filling an empty target changes all of it.
        ratio = Decimal(count) / scope if scope else Decimal(1)
        if ratio > limit:
            what = f"share of mapping {name} that changes"
            actual = f"{_percent(ratio)} ({count} of {scope} records)"
            flag = f"--max-ratio {_rounded_up(ratio)}"
            yield GuardTrip("max_ratio", what, _percent(limit), actual, flag)


def _percent(ratio: Decimal) -> str:
    return f"{(ratio * 100).quantize(Decimal('0.1'))} %"


def _rounded_up(ratio: Decimal) -> Decimal:
    return ratio.quantize(Decimal("0.01"), rounding="ROUND_CEILING")


def _too_dear(group: _Group) -> Iterator[GuardTrip]:
    totals: dict[str, Decimal] = {}
    for change in group.changes:
        for money in amounts_moved(change):
            totals[money.currency] = totals.get(money.currency, Decimal(0)) + money.amount
            limit = group.max_amount.get(money.currency)
            if limit is not None and money.amount > limit:
                what = f"amount of one change{group.label}: {change.name}"
                yield _amount_trip(what, limit, money.amount, money.currency)
    for currency, total in totals.items():
        limit = group.max_amount.get(currency)
        if limit is not None and total > limit:
            yield _amount_trip(f"amount of all changes{group.label}", limit, total, currency)


def _amount_trip(what: str, limit: Decimal, actual: Decimal, currency: str) -> GuardTrip:
    flag = f"--max-amount {actual:f}{currency}"
    return GuardTrip("max_amount", what, str(Money(limit, currency)), str(Money(actual, currency)), flag)


def uncapped(
    moved: Iterable[tuple[str, str]], limits: Guards, mappings: Mapping[str, Guards], overrides: Guards = NONE
) -> tuple[str, ...]:
    """The currencies that no `max_amount` names, of (mapping, currency) pairs that a plan moves or may move."""

    def named(mapping: str) -> set[str]:
        own = mappings.get(mapping, NONE)
        return {currency for held in (limits, own, overrides) for currency, _ in held.max_amount}

    return tuple(sorted({currency for mapping, currency in moved if currency and currency not in named(mapping)}))


def currencies_moved(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """(mapping, currency) of everything that changes move."""
    for change in changes:
        yield from ((change.mapping, money.currency) for money in amounts_moved(change) if money.amount)


def amounts_moved(change: Change) -> tuple[Money, ...]:
    """What a change moves in money, never negative: an update the distance, everything else the whole amount."""
    after, before = change.amount, change.amount_before
    if change.action is not Action.UPDATE:
        return _absolute([after or before])
    if after and before and after.currency == before.currency:
        return _absolute([Money(after.amount - before.amount, after.currency)])
    return _absolute([after, before])


def _absolute(given: Iterable[Money | None]) -> tuple[Money, ...]:
    return tuple(Money(abs(money.amount), money.currency) for money in given if money)


def _circumstances(facts: Facts) -> Iterator[GuardTrip]:
    if facts.first_run and facts.live:
        what = "the first run on a ledger with a live system only plans"
        yield GuardTrip("first_run", what, "no changes", "changes planned", "")
    if facts.shrunk and not facts.allow_shrunk:
        what = "a complete pull brought over 20 % fewer records than before"
        yield GuardTrip("shrunk", what, "20 %", ", ".join(facts.shrunk), "--allow-shrunk")
