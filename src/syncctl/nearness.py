"""Criteria that look at each candidate: tolerance, within, similar. No I/O of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from syncctl.comparison import Compare, within_tolerance
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import Criterion
from syncctl.match import alike
from syncctl.projection.keys import Key
from syncctl.values.canonical import local_date, one
from syncctl.values.scope import Reader, Scope

Nearness: TypeAlias = Callable[[Any, Scope, Any, Scope], "float | None"]
"""From two records or line elements, each with its scope, to a score from 0 to 100, or None when they are not near."""


def nearness(key: Key, time_zone: ZoneInfo) -> Nearness | None:
    """What a rule asks beyond its key; None when the key says it all. The score is the lowest of its criteria."""
    named = next((place for place, (criterion, *_) in enumerate(key.left) if criterion.similar), -1)
    criteria = [
        _criterion(criterion, here.read, there.read, compare, time_zone)
        for place, ((criterion, here, compare, _), (_, there, _, _)) in enumerate(zip(key.left, key.right, strict=True))
        if not criterion.exact and not (key.fuzzy and place == named)
    ]
    if not criteria:
        return None

    def near(left: Any, here: Scope, right: Any, there: Scope) -> float | None:
        lowest = 100.0
        for criterion in criteria:
            score = criterion(left, here, right, there)
            if score is None:
                return None
            lowest = min(lowest, score)
        return lowest

    return near


def _criterion(criterion: Criterion, here: Reader, there: Reader, compare: Compare, time_zone: ZoneInfo) -> Nearness:
    """One criterion: 100 for within and tolerance, the likeness for similar. Empty is near nothing."""

    def near(left: Any, left_scope: Scope, right: Any, right_scope: Scope) -> float | None:
        try:
            one_value, other_value = one(here(left, left_scope)), one(there(right, right_scope))
            if one_value is None or other_value is None:
                return None
            if criterion.within_days is not None:
                return 100.0 if _within(one_value, other_value, criterion.within_days, time_zone) else None
            texts = compare(one_value), compare(other_value)
        except Undecodable:
            return None
        if criterion.tolerance is not None:
            return 100.0 if within_tolerance(*texts, criterion.tolerance) else None
        return alike([(0, texts[0])], [(0, texts[1])], criterion.similar or 100).get((0, 0))

    return near


def _within(left: Any, right: Any, days: int, time_zone: ZoneInfo) -> bool:
    first, second = local_date(left, time_zone), local_date(right, time_zone)
    return first is not None and second is not None and abs((first - second).days) <= days
