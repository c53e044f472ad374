"""What goes wrong and when, drawn from the seed: deaths, suspends, second runs, faults of single requests. No I/O."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from syncctl.failpoints import PUSH_POINTS

OUTSIDE: Final = ("before-read-request", "before-write-request", "after-write-request", "before-commit", "after-commit")
"""Places of the simulator's own, around each request and each commit."""
UNVERSIONED: Final = "after-intent of an edited field without a version"
"""The intent of an update is committed, and nothing at the vendor tells an older write from a newer one."""
POINTS: Final = (*PUSH_POINTS, *OUTSIDE)
MEANWHILE: Final = ("plan-opened", "after-intent", "after-send", "before-probe", "after-outcome", "before-read-request")
"""Where somebody starts the tool a second time."""
NAPS: Final = (5, 20, 60, 300, 4_000, 90_000)
"""Seconds that a machine may sleep in the middle of a run."""
QUICK_LATE: Final = (1, 20, 50)
"""Seconds that a request may be on its way when the run gives it up; a client's own timeout covers them."""
SLOW_LATE: Final = (600, 3 * 3_600, 20 * 3_600)
"""Only where the vendor itself refuses a second one: elsewhere this is the residual that the docs name."""
WRITE_FAULTS: Final = {
    "lost": 5,
    "late": 5,
    "500 before": 2,
    "500 after": 3,
    "500 late": 5,
    "truncated": 2,
    "429": 1,
    "unreached": 2,
    "slow": 1,
    "expired": 1,
}
"""How often, of all faults of a write. `500 late`: a gateway gives up, and the vendor does it afterwards."""
READ_FAULTS: Final = {"lost": 3, "500 before": 3, "truncated": 2, "429": 2, "unreached": 2, "slow": 1, "expired": 1}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens the `nth` time that a process reaches a point. A `late death` lets the write go out, and
    ends the process while it is still on its way."""

    what: str
    point: str
    nth: int
    seconds: int = 0


@dataclass
class Fate:
    """What will happen to one process."""

    events: tuple[Event, ...] = ()
    reached: Counter[str] = field(default_factory=Counter)

    def at(self, point: str) -> list[Event]:
        """What happens now."""
        self.reached[point] += 1
        return [one for one in self.events if (one.point, one.nth) == (point, self.reached[point])]

    def dies_next_at(self, point: str) -> None:
        """The next time that it is there."""
        self.events = (*self.events, Event("death", point, self.reached[point] + 1))


class Trouble:
    """One world's. `on` is False in the quiet nights, `forced` what happens to the next write in any case; `rough` is
    how many of the writes go wrong."""

    def __init__(self, seed: int) -> None:
        # A stream for each sort of trouble: one request more or less leaves the other sorts as they were.
        self.chance, self._writes, self._reads = (random.Random(f"{seed} {name}") for name in ("fate", "write", "read"))
        self.on = True
        self.forced = ""
        self.rough = self.chance.choice((0.1, 0.3, 0.6))
        self.deadly = self.chance.choice((0.2, 0.5, 0.8))

    def fate(self) -> Fate:
        """Of a process that begins now."""
        if not self.on:
            return Fate()
        events = []
        if self.chance.random() < self.deadly:
            events.append(self._death())
        if self.chance.random() < 0.1:
            events.append(Event("sleep", "after-intent", self.chance.randint(1, 10), self.chance.choice(NAPS)))
        if self.chance.random() < 0.2:
            events.append(Event("sleep", UNVERSIONED, self.chance.choice((1, 1, 2)), self.chance.choice(NAPS)))
        if self.chance.random() < 0.15:
            points = ("plan-opened", "before-intent", "after-probe", "before-read")
            events.append(Event("sleep", self.chance.choice(points), self._few(), self.chance.choice(NAPS)))
        if self.chance.random() < 0.12:
            events.append(Event("second run", self.chance.choice(MEANWHILE), self._few()))
        return Fate(tuple(events))

    def _death(self) -> Event:
        if self.chance.random() < 0.3:
            return Event("late death", "before-write-request", self.chance.randint(1, 6))
        if self.chance.random() < 0.6:
            near = ("after-intent", "after-send", "before-write-request", "after-write-request", "after-outcome")
            return Event("death", self.chance.choice(near), self._few())
        point = self.chance.choice(POINTS)
        many = point in ("before-commit", "after-commit", "before-read-request")
        return Event("death", point, self.chance.randint(1, 60) if many else self._few())

    def _few(self) -> int:
        return self.chance.choice((1, 1, 1, 2, 2, 3, 4))

    def write_fault(self) -> str:
        """What happens to a write now, or ""."""
        forced, self.forced = self.forced, ""
        if forced:
            return forced
        if not self.on or self._writes.random() >= self.rough:
            return ""
        return _drawn(self._writes, WRITE_FAULTS)

    def read_fault(self) -> str:
        """What happens to a read now, or ""."""
        if not self.on or self._reads.random() >= 0.01:
            return ""
        return _drawn(self._reads, READ_FAULTS)

    def late_seconds(self, *, safe: bool) -> float:
        """How much later a request is applied; `safe` when the vendor refuses a second one whenever it comes."""
        if safe and self._writes.random() < 0.3:
            return self._writes.choice(SLOW_LATE)
        return self._writes.choice(QUICK_LATE)


def _drawn(chance: random.Random, faults: dict[str, int]) -> str:
    return chance.choices(list(faults), list(faults.values()))[0]
