"""The order in which mappings are planned: after everything they link to. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncctl.errors import ConfigError
from syncctl.mapping.language import Mapping
from syncctl.mapping.walk import Wait, waits
from syncctl.model import Problem

FIX = "take one of the links out, or read the value from the vendor's own reference"


def in_order(mappings: Iterable[Mapping]) -> tuple[Mapping, ...]:
    """Every mapping after those it waits for, otherwise as they came. A name nobody has is for the check.

    Raises ConfigError naming the mappings that wait for each other in a circle.
    """
    waiting = list(mappings)
    names = {mapping.name for mapping in waiting}
    placed: list[Mapping] = []
    while waiting:
        done = {mapping.name for mapping in placed}
        ready = next((each for each in waiting if _needs(each) & names <= done), None)
        if ready is None:
            problems = _problems(_circle(waiting))
            raise ConfigError("mappings wait for each other in a circle", problems, fix=FIX)
        placed.append(ready)
        waiting.remove(ready)
    return tuple(placed)


def circles(mappings: Iterable[Mapping]) -> list[Problem]:
    """The first circle as problems, one for each of its links; none where there is an order."""
    try:
        in_order(mappings)
    except ConfigError as error:
        return list(error.problems)
    return []


def _needs(mapping: Mapping) -> set[str]:
    return {wait.name for wait in waits(mapping)}


def _circle(waiting: Sequence[Mapping]) -> list[tuple[Mapping, Wait]]:
    """One circle among mappings that all wait: follow the first wait of each until one comes again."""
    by_name = {mapping.name: mapping for mapping in waiting}
    current, trail = waiting[0], list[tuple[Mapping, Wait]]()
    while current.name not in [mapping.name for mapping, _ in trail]:
        wait = next(wait for wait in waits(current) if wait.name in by_name)
        trail.append((current, wait))
        current = by_name[wait.name]
    return trail[[mapping.name for mapping, _ in trail].index(current.name) :]


def _problems(circle: list[tuple[Mapping, Wait]]) -> list[Problem]:
    if len(circle) == 1:
        mapping, wait = circle[0]
        return [Problem(str(wait.at), f"`{mapping.name}` waits for itself", FIX)]
    names = [mapping.name for mapping, _ in circle]
    shown = " -> ".join([*names, names[0]])
    return [
        Problem(str(wait.at), f"`{mapping.name}` waits for `{wait.name}`, in a circle: {shown}", FIX)
        for mapping, wait in circle
    ]
