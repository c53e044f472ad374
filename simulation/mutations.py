"""The guards of the write protocol, and how each is switched off: by another function in its place. I/O: ledgers.

A guard whose absence nobody notices is either not needed or not tested; both are errors.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from simulation import guards_off as off
from simulation.life import Lived, live
from simulation.lines import Line
from simulation.patches import Patch, patched
from simulation.world import World
from syncctl.ledger.operations import Operations
from syncctl.push import drive, resolve, send, waiting
from syncctl.push.drive import Drive
from syncctl.run import heads, planning
from syncctl.run.sources import PlanSources

SEEDS_MAX: Final = 300
TWICE: Final = frozenset({"duplicates"})
LOST_EDIT: Final = frozenset({"human edits overwritten"})


@dataclass(frozen=True, slots=True)
class Mutation:
    """One guard switched off. `damage` is what its absence does; `shows` is a seed that is known to show it."""

    guard: str
    damage: frozenset[str]
    patches: tuple[Patch, ...]
    shows: int = 0
    within: Callable[[], AbstractContextManager[None]] = nullcontext


@contextmanager
def _two_open_operations() -> Iterator[None]:
    """The ledger takes a second open operation of an intent."""
    lay = World.lay_ledger

    def without_index(self: World) -> None:
        lay(self)
        connection = sqlite3.connect(self.ledger)
        connection.execute("DROP INDEX operations_open")
        connection.close()

    with patched((World, "lay_ledger", without_index)):
        yield


MUTATIONS: Final = (
    Mutation("intent before send", TWICE, ((drive, "send_first", off.intent_after_the_send),), 119),
    Mutation("stable key", TWICE, ((Drive, "replay", off.another_key_for_a_replay),), 24),
    Mutation("replay only inside retention", TWICE, ((resolve, "replayable", off.whenever_whole),), 9),
    Mutation("probe", TWICE, ((resolve, "_probe", off.nothing_found),), 119),
    Mutation("wait before believing absence", TWICE, ((resolve, "_wait_for_absence", off.no_wait),), 107),
    Mutation("no answer is unknown", TWICE, ((send, "_attempt", off.refused_when_unanswered),), 9),
    Mutation("fresh read", LOST_EDIT, ((drive, "judge", off.as_the_plan_saw_it),), 13),
    Mutation("version check", LOST_EDIT, ((Line, "_answer", off.whatever_version_it_has),), 10),
    Mutation(
        "dependency gate",
        frozenset({"order violations"}),
        ((drive, "check_gate", off.no_gate), (waiting, "check_gate", off.no_gate)),
        22,
    ),
    Mutation("send deadline", LOST_EDIT, ((send, "_deadlines", off.no_deadline),), 33),
    Mutation(
        "one open operation per intent",
        TWICE,
        ((planning, "Standing", off.whatever_is_open), (Operations, "open_of", lambda _self, _intent: None)),
        64,
        _two_open_operations,
    ),
    Mutation("run lock", TWICE | {"fell over"}, ((heads, "locked", lambda *_words: nullcontext()),), 2),
    Mutation(
        "batch rows told apart",
        frozenset({"order violations", "losses"}),
        ((send, "settle", off.first_answer_for_all),),
        3,
    ),
    Mutation("batch composition", LOST_EDIT | {"fell over"}, ((Drive, "_fits", off.whatever_comes_next),), 107),
    Mutation(
        "sending is unknown after a death",
        frozenset({"unfinished"}),
        ((resolve, "mark_unknown", off.stays_sending),),
        7,
    ),
    Mutation("source read again", frozenset({"phantoms"}), ((PlanSources, "moved", lambda *_words: ""),), 134),
)


def found(mutation: Mutation, seeds: Iterable[int]) -> Lived | None:
    """The first of these seeds that shows that the guard is missing; None when it survives."""
    with patched(*mutation.patches), mutation.within():
        return next((one for one in map(live, seeds) if mutation.damage & {harm.kind for harm in one.damage}), None)
