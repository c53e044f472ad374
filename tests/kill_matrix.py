"""Every failpoint x {create, update, upsert, batch, chain, undo}: real processes, a real SIGKILL, a real ledger file,
served vendors. `make kill` runs all of it and keeps the figures in simulation/figures.json; tests/test_kill.py a few.

The judge is the life without deaths: after the reruns the vendors must hold the same records with the same values.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kill_worlds import WORLDS, Lives, lives
from syncctl.failpoints import POINTS

FIGURES = Path(__file__).resolve().parent.parent / "simulation" / "figures.json"
SENDS = {"create": 2, "update": 2, "upsert": 3, "batch": 5, "chain": 3, "undo": 3}
"""Requests that a life without deaths writes with."""
PER_SEND = ("before-intent", "inside-intent", "after-intent", "after-send", "after-outcome")
"""Points that every request passes."""
CUT_SHORT = "after-intent"
AFTER_A_DEATH = ("after-unknown", "before-probe", "after-probe", "before-replay", "before-next-generation")
"""Points that a rerun passes after a death between intent and answer."""
ELSEWHERE = {
    "before-look": "tests/test_push_kills.py: a vendor that calls a name taken in the middle of a push",
    "token-rotated": "tests/auth/test_sign_in_processes.py: a sign-in, no write",
}
"""Points that none of these worlds passes, and the test that kills there."""

NO_NEXT = "every write of it is replayed under its key"
ABSENT = {("create", "before-next-generation"): NO_NEXT}
"""Combinations that do not exist, and why."""
OPEN_AT = {
    ("chain", "before-next-generation"): 3,
    ("batch", "before-next-generation"): 5,
    **{(world, "before-replay"): 2 for world in ("update", "upsert", "undo")},
}
"""The write that must have been cut short to come there, when it is not the first: HubSpot remembers no keys."""


@dataclass(frozen=True)
class Case:
    """A world, and the deaths of its nights."""

    world: str
    deaths: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.world}: {' '.join(self.deaths)}"


def all_cases() -> list[Case]:
    return [Case(world, deaths) for world in WORLDS for deaths in _deaths(world)]


def _deaths(world: str) -> Iterable[tuple[str, ...]]:
    for point in POINTS:
        if point in ELSEWHERE or (world, point) in ABSENT:
            continue
        if point in AFTER_A_DEATH:
            yield f"{CUT_SHORT}:{OPEN_AT.get((world, point), 1)}", point
        elif point in PER_SEND:
            yield from ((f"{point}:{number}",) for number in range(1, SENDS[world] + 1))
        else:
            yield (point,)


def harm(case: Case, left: dict[str, Any], alive: dict[str, Any]) -> list[str]:
    """What a life with deaths left behind that one without does not, in words that begin with the sort of harm."""
    found = []
    if left["signals"] != [9] * len(case.deaths) + [0, 0]:
        found.append(f"not reached: signals {left['signals']}")
    for kind, records in alive["held"].items():
        more = len(left["held"][kind]) - len(records)
        if more:
            found.append(f"{'duplicates' if more > 0 else 'losses'}: {kind} {more:+d}")
        elif left["held"][kind] != records:
            found.append(f"losses: {kind} has other values")
    said = {name: left[name] for name in ("changes", "open", "audit", "head")}
    if said != {"changes": "0", "open": "", "audit": "", "head": "kept"}:
        found.append(f"unfinished: {said}")
    return found


def run_world(world: str, cases: Iterable[Case], folder: Path) -> Lives:
    """The lives of these cases, and the one without deaths as ""."""
    return lives(world, folder, [[], *(list(case.deaths) for case in cases if case.world == world)])


def main() -> int:
    """Runs the whole matrix, tells what it came to, and keeps it; 1 when anything is wrong."""
    cases = all_cases()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        places = {world: Path(folder) / world for world in WORLDS}
        for place in places.values():
            place.mkdir()
        found = dict(zip(WORLDS, pool.map(lambda world: run_world(world, cases, places[world]), WORLDS), strict=True))
    harmed = {str(case): harm(case, found[case.world][" ".join(case.deaths)], found[case.world][""]) for case in cases}
    told = [f"{name}: {words}" for name, wrong in harmed.items() for words in wrong]
    kinds = Counter(words.partition(":")[0] for wrong in harmed.values() for words in wrong)
    figures = {
        "cases": len(cases),
        "failpoints": len({point.partition(":")[0] for case in cases for point in case.deaths}),
        "kills": sum(len(case.deaths) for case in cases),
        **{kind: kinds[kind] for kind in ("duplicates", "losses", "unfinished", "not reached")},
    }
    print("\n".join(f"{name:<26}{value:>12,}" for name, value in figures.items()))
    print("\n".join(told), end="\n" if told else "")
    kept = json.loads(FIGURES.read_text())
    FIGURES.write_text(json.dumps(kept | {"kill matrix": figures}, indent=1) + "\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
