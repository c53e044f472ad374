"""The rule of what is told: troubles that a run saw against those told before (docs/alerts.md has it as a table).
Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from syncctl.ledger.alerts import Known
from syncctl.settings import AlertState

FORGOTTEN_AFTER: Final = timedelta(days=35)
"""A trouble that no run saw for so long begins anew when it comes back: a monthly job still has its recovery told."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not well. Two with one `key` are the same trouble, on whatever night.

    `about` is the mapping, where it is about one. `count` is of items whose number matters. `part` of a larger trouble
    is told when it is new, and its end is not told. With `patient` it is told from the second time in a row. The rest
    is for people; `request` and `answer` are what a vendor got and said.
    """

    key: str
    state: AlertState
    what: str
    about: str = ""
    count: int = 0
    part: bool = False
    patient: bool = False
    cause: str = ""
    fix: str = ""
    command: str = ""
    system: str = ""
    request: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run saw. `sees` are the states whose absence it vouches for: of its own job, or of all with `whole`."""

    job: str
    troubles: tuple[Trouble, ...]
    sees: frozenset[AlertState]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`begun` and `ended` are to be told, nothing where both are empty; `known` is what to remember."""

    begun: tuple[Trouble, ...]
    ended: tuple[Known, ...]
    known: tuple[Known, ...]


def decide(known: Iterable[Known], seen: Seen, at: datetime) -> Verdict:
    """Compares a run with what was told before."""
    remembered = [row for row in known if at - row.seen_at <= FORGOTTEN_AFTER]
    before = {key: tuple(rows) for key, rows in groupby(sorted(remembered, key=_key), key=_key)}
    kept: list[Known] = []
    begun: list[Trouble] = []
    for trouble in _once(seen.troubles):
        told, rows = _again(trouble, before.get(trouble.key, ()), seen.job, at)
        kept += rows
        begun += [trouble] if told else []
    ended: list[Known] = []
    present = {trouble.key for trouble in seen.troubles}
    for key in sorted(before.keys() - present):
        rest = [row for row in before[key] if not _vouched(row, seen)]
        kept += rest
        ended += [] if rest else [row for row in before[key][:1] if _worth_telling(row, before[key], seen)]
    return Verdict(tuple(begun), tuple(ended), tuple(kept))


def _key(row: Known) -> str:
    return row.key


def _once(troubles: Sequence[Trouble]) -> Iterable[Trouble]:
    """Each trouble once: as it was told first, with the larger of the counts."""
    found: dict[str, Trouble] = {}
    for trouble in troubles:
        held = found.get(trouble.key)
        found[trouble.key] = trouble if held is None else replace(held, count=max(held.count, trouble.count))
    return found.values()


def _again(trouble: Trouble, rows: Sequence[Known], job: str, at: datetime) -> tuple[bool, list[Known]]:
    """Whether to tell it, and its rows as of now."""
    told_before = any(row.told for row in rows)
    in_a_row = any(row.job == job for row in rows)
    size = max((row.count for row in rows), default=0)
    grown = told_before and size_class(trouble.count) > size_class(size)
    told = grown or (not told_before and (in_a_row or not trouble.patient))
    if not rows or told or trouble.count * 2 < 10 ** (size_class(size) - 1):
        size = trouble.count
    since = min((row.since for row in rows), default=at)
    mine = Known(trouble.key, job, trouble.state, trouble.about, trouble.what, since, at, size, told or told_before,
                 trouble.part)  # fmt: skip
    others = [replace(row, count=size, told=mine.told) for row in rows if row.job != job]
    return told, [mine, *others]


def size_class(count: int) -> int:
    """How many digits a count has; 0 for none. A count that goes up and down within them is no news."""
    return len(str(count)) if count > 0 else 0


def _vouched(row: Known, seen: Seen) -> bool:
    return row.state in seen.sees and (row.job == seen.job or seen.whole)


def _worth_telling(row: Known, rows: Sequence[Known], seen: Seen) -> bool:
    """The end of what was told as a trouble of its own. A write that failed is not over while its mapping has open
    items: what was refused, held or in conflict is one of them the next night."""
    still = row.state == "partly applied" and any(trouble.about == row.about for trouble in seen.troubles)
    return any(one.told for one in rows) and not row.part and not still
