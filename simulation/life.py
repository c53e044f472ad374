"""The life of one world: days on which things happen, nights that run the tool, quiet nights, the verdict. I/O: the
ledger."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import Final

from simulation.figures import Damage, Figures
from simulation.judge import judge
from simulation.nights import Nights
from simulation.person import settle_reviews
from simulation.stage import memory_folder
from simulation.wiring import wired
from simulation.world import World
from syncctl.run import ReconcileReport

QUIET_NIGHTS: Final = 6
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Lived:
    """How one seed went. `trace` is a digest of everything that happened, in order; `lines` are those words."""

    seed: int
    figures: Figures
    damage: tuple[Damage, ...]
    trace: str
    lines: tuple[str, ...]


def live(seed: int, stack: str = "") -> Lived:
    """One seed, from its first sale to the verdict. The same seed always lives the same life."""
    folder = memory_folder()
    try:
        world = World(seed, folder, stack)
        with wired(world.stage, world.reach):
            _live(world)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    trace = hashlib.sha256("\n".join(world.trace).encode()).hexdigest()
    return Lived(seed, world.figures, tuple(world.damage), trace, tuple(world.trace))


def _live(world: World) -> None:
    nights = Nights(world)
    for _ in range(world.chance.choice((1, 1, 2))):
        nights.day()
        nights.night()
    end(world, nights)


def end(world: World, nights: Nights) -> None:
    """Quiet nights from now on, then the verdict."""
    world.trouble.on = False
    report = _until_at_rest(world, nights)
    with world.process() as project:
        world.figures.operations = len(project.journal.operations.in_states(()))
        if report is not None:
            judge(world, project, report.findings)


def _until_at_rest(world: World, nights: Nights) -> ReconcileReport | None:
    """Quiet nights until a whole one has nothing to do."""
    report = None
    for _ in range(QUIET_NIGHTS):
        world.clock.advance(DAY)
        for sandbox in world.sandboxes.values():
            sandbox.catch_up()
        with world.process() as project:
            settled = settle_reviews(world, project)
        before = world.figures.writes
        report = nights.reconcile()
        if report is not None and not settled and world.figures.writes == before and not report.plan.changes:
            return report
    open_changes = "" if report is None else ", ".join(f"{one.action} {one.name}" for one in report.plan.changes)
    world.harm("unfinished", f"{QUIET_NIGHTS} quiet nights do not come to rest: {open_changes or 'no run ends'}")
    return report
