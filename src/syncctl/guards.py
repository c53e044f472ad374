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
    """One limit that the plan breaks. `by` says whose limit it is and where it is written. `flag` overrides it for one
    command, or is empty where nothing may; `fix` is the way out where there is another. What is no limit has an empty
    one.
    """

    guard: str
    what: str
    limit: str
    actual: str
    flag: str
    fix: str = ""
    by: str = ""

    def __str__(self) -> str:
        by = f" by {self.by}" if self.by else ""
        allowed = f", allowed is {self.limit}{by}" if self.limit else ""
        return f"{self.what}: {self.actual}{allowed}" if self.actual else f"{self.what}{allowed}"

    def error(self) -> GuardTripped:
        """The exception for it."""
        fix = "look at the plan, then apply it"
        if self.flag:
            fix = f"look at the plan, then allow all of it with `{self.flag}`"
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

    `limits`, the project's, count the whole plan, whatever mappings say. `mappings` are the limits of those that have
    their own, which count their changes once more and can only be tighter. `overrides` take the place of both, so a
    trip's flag names what the whole plan needs. `in_scope` counts each mapping's target records in the ledger.
    """
    if not plan.changes:
        return ()
    held = (_Held("", plan.changes, limits, overrides), *_of_mappings(plan.changes, mappings, overrides))
    return (
        *_circumstances(facts),
        *(trip for one in held for trip in _too_many(one, len(plan.changes))),
        *_too_much_of_the_records(held, in_scope),
        *(trip for one in held for trip in _too_dear(one, _totals(plan.changes))),
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """Limits, and all the changes that they count. `mapping` is empty for the project's. Of a mapping's limits those
    that the command overrides are none: the command's own count the whole plan.
    """

    mapping: str
    changes: tuple[Change, ...]
    limits: Guards
    overrides: Guards

    @property
    def label(self) -> str:
        return f" of mapping {self.mapping}" if self.mapping else ""

    @property
    def max_changes(self) -> int | None:
        if self.overrides.max_changes is not None:
            return None if self.mapping else self.overrides.max_changes
        return self.limits.max_changes

    @property
    def max_ratio(self) -> Decimal | None:
        if self.overrides.max_ratio is not None:
            return None if self.mapping else self.overrides.max_ratio
        return self.limits.max_ratio

    @property
    def max_amount(self) -> Mapping[str, Decimal]:
        once, lasting = dict(self.overrides.max_amount), dict(self.limits.max_amount)
        if self.mapping:
            return {currency: limit for currency, limit in lasting.items() if currency not in once}
        return {**lasting, **once}

    def by(self, guard: str, *, once: bool) -> str:
        """Whose limit it is, and where it stands."""
        if once:
            return f"--{guard.replace('_', '-')}"
        whose = f"mapping {self.mapping}" if self.mapping else "the project"
        return f"{whose} ({dict(self.limits.places).get(guard, 'the default')})"


def _of_mappings(changes: Sequence[Change], mappings: Mapping[str, Guards], overrides: Guards) -> Iterator[_Held]:
    """Each mapping that changes anything and has limits of its own. A change of several counts for each of them."""
    for name in sorted({name for change in changes for name in change.mappings}):
        own = mappings.get(name, NONE)
        if own != NONE:
            yield _Held(name, tuple(change for change in changes if name in change.mappings), own, overrides)


def _too_many(held: _Held, whole: int) -> Iterator[GuardTrip]:
    count, limit = len(held.changes), held.max_changes
    if limit is not None and count > limit:
        by = held.by("max_changes", once=held.overrides.max_changes is not None)
        what = f"number of changes{held.label}"
        yield GuardTrip("max_changes", what, str(limit), str(count), f"--max-changes {whole}", by=by)


def _too_much_of_the_records(held: Sequence[_Held], in_scope: Mapping[str, int]) -> Iterator[GuardTrip]:
    """The project's share holds for each mapping, and for all of them together; a mapping's own for itself."""
    found = [(one, share) for one in held for share in _shares(one, in_scope) if one.max_ratio is not None]
    above = [(one, share) for one, share in found if share.ratio > (one.max_ratio or 0)]
    flag = f"--max-ratio {max((_rounded_up(share.ratio) for _, share in above), default='')}"
    for one, share in above:
        by = one.by("max_ratio", once=one.overrides.max_ratio is not None)
        actual = f"{_percent(share.ratio)} ({share.count} of {share.scope} records)"
        yield GuardTrip("max_ratio", share.what, _percent(one.max_ratio or Decimal(0)), actual, flag, by=by)


@dataclass(frozen=True, slots=True)
class _Share:
    """So many of so many records change."""

    what: str
    count: int
    scope: int

    @property
    def ratio(self) -> Decimal:
        """At most 1, which is as much as a limit can allow. Filling an empty target changes all of it."""
        return min(Decimal(self.count) / self.scope, Decimal(1)) if self.scope else Decimal(1)


def _shares(held: _Held, in_scope: Mapping[str, int]) -> Iterator[_Share]:
    """What limits count as a share. One mapping alone is the whole run, and many small ones hide nothing in it."""
    counts = Counter(name for change in held.changes for name in change.mappings if held.mapping in ("", name))
    for name, count in counts.items():
        if count >= RATIO_FROM_CHANGES:
            yield _Share(f"share of mapping {name} that changes", count, in_scope.get(name, 0))
    if len(counts) > 1 and len(held.changes) >= RATIO_FROM_CHANGES:
        scope = sum(in_scope.get(name, 0) for name in counts)
        yield _Share("share of all mappings together that changes", len(held.changes), scope)


def _percent(ratio: Decimal) -> str:
    return f"{(ratio * 100).quantize(Decimal('0.1'))} %"


def _rounded_up(ratio: Decimal) -> Decimal:
    return ratio.quantize(Decimal("0.01"), rounding="ROUND_CEILING")


def _too_dear(held: _Held, whole: Mapping[str, Decimal]) -> Iterator[GuardTrip]:
    limits = held.max_amount

    def trips(what: str, money: Money) -> Iterator[GuardTrip]:
        limit = limit_of(money, limits)
        if limit is not None and money.amount > limit.amount:
            by = held.by("max_amount", once=limit.currency in dict(held.overrides.max_amount))
            most = max(whole[money.currency], whole.get(limit.currency, Decimal(0)))
            flag = f"--max-amount {most:f}{limit.currency}"
            yield GuardTrip("max_amount", what, str(limit), str(money).strip(), flag, by=by)

    for change in held.changes:
        for money in amounts_moved(change):
            yield from trips(f"amount of one change{held.label}: {change.name}", money)
    for currency, total in _totals(held.changes).items():
        yield from trips(f"amount of all changes{held.label}", Money(total, currency))


def limit_of(money: Money, limits: Mapping[str, Decimal]) -> Money | None:
    """The limit that an amount must keep, None where there is none. What names no currency may be in any of them, so
    the lowest counts.
    """
    lowest = min(limits, key=lambda currency: (limits[currency], currency), default="")
    currency = money.currency or lowest
    return Money(limits[currency], currency) if currency in limits else None


def _totals(changes: Iterable[Change]) -> Mapping[str, Decimal]:
    """What changes move in all, by currency."""
    totals: dict[str, Decimal] = {}
    for change in changes:
        for money in amounts_moved(change):
            totals[money.currency] = totals.get(money.currency, Decimal(0)) + money.amount
    return totals


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


def only_bounded(change: Change) -> bool:
    """True when an update's new amount is known only after the apply: the whole amount is counted, as the most that it
    is thought to move."""
    return change.action is Action.UPDATE and change.amount is None and change.amount_before is not None


def _absolute(given: Iterable[Money | None]) -> tuple[Money, ...]:
    return tuple(Money(abs(money.amount), money.currency) for money in given if money)


def _circumstances(facts: Facts) -> Iterator[GuardTrip]:
    if facts.first_run and facts.live:
        what = "the first run on a ledger with a live system only plans"
        yield GuardTrip("first_run", what, "no changes", "changes planned", "")
    if facts.shrunk and not facts.allow_shrunk:
        what = "a complete pull brought over 20 % fewer records than before"
        yield GuardTrip("shrunk", what, "20 %", ", ".join(facts.shrunk), "--allow-shrunk")
