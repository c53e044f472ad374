"""Lives many seeds on several processes. I/O: processes; stderr tells how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from multiprocessing import get_context

from simulation.figures import Figures
from simulation.life import Lived, live
from simulation.stage import stage_of
from simulation.world import STACKS

TOGETHER = 20
"""Seeds that a worker takes at once."""


def lives(seeds: Iterable[int], jobs: int = 1) -> Iterator[Lived]:
    """Every seed's life, in the order of the seeds."""
    prepare()
    if jobs <= 1:
        yield from map(live, seeds)
        return
    # Workers are forks of this process, which has set the stages up already.
    with get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(live, seeds, chunksize=TOGETHER)


def prepare() -> None:
    """Sets up what all worlds share."""
    for name in STACKS:
        stage_of(name)


def run_all(seeds: range, jobs: int) -> tuple[Figures, list[Lived]]:
    """The sums, and the lives with damage."""
    total, harmed, told = Figures(), [], time.monotonic()
    for lived in lives(seeds, jobs):
        total.add(lived.figures)
        if lived.damage:
            harmed.append(lived)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            print(f"  {total.seeds:,} of {len(seeds):,} seeds, {len(harmed)} with damage", file=sys.stderr)
    return total, harmed
