"""Which entries of a mapping write one place, and what each is called. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from syncctl.mapping.language import Entry


def alternatives(entries: Sequence[Entry]) -> list[tuple[int, ...]]:
    """For each entry the earlier ones that write what it writes, or join the same two places under another owner."""
    found: list[tuple[int, ...]] = []
    by_place: dict[tuple[str, ...], list[int]] = {}
    for number, entry in enumerate(entries):
        left, right = ("left", str(entry.left)), ("right", str(entry.right))
        written = {"left": [right], "right": [left], "both": [left, right], "none": []}[entry.owner]
        places: list[tuple[str, ...]] = [*written, (*left, *right)]
        found.append(tuple(sorted({earlier for place in places for earlier in by_place.get(place, ())})))
        for place in places:
            by_place.setdefault(place, []).append(number)
    return found


def names_of(entries: Sequence[Entry], after: Sequence[tuple[int, ...]]) -> list[str]:
    """What people and the ledger call each entry: two that can speak at once never have one name."""
    names: list[str] = []
    holders: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        choices = (entry.name, f"{entry.left} = {entry.right}", f"{entry.name} (entry {number + 1})")
        name = next(name for name in choices if set(holders.get(name, ())) <= set(after[number]))
        names.append(name)
        holders.setdefault(name, []).append(number)
    return names
