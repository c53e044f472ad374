"""Pull, plan, apply, people's edits, deaths and restored ledgers, in whatever order hypothesis thinks of.

The worlds, their people and the judge are the simulator's. `pytest --hypothesis-profile=deep tests/test_machine.py`
looks longer.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from simulation.trouble import POINTS, WRITE_FAULTS, Event
from simulation.world import STACKS

from machine import Backup, Machine

ANY = st.integers(0, 99)
FAULTS = st.lists(st.sampled_from(("", *WRITE_FAULTS)), max_size=4)
NTH = st.sampled_from((1, 2, 3, 5, 20))
DEATHS = st.none() | st.one_of(
    st.builds(Event, st.just("death"), st.sampled_from(POINTS), NTH),
    st.builds(Event, st.just("late death"), st.just("before-write-request"), NTH),
)
DEEDS = (Machine.sell, Machine.change, Machine.void, Machine.edit, Machine.remove, Machine.book)
WAYS_BACK = (Machine.restore, Machine.copy_over, Machine.copy_and_go_on)
SECONDS = (60, 1_800, 4 * 3_600, 26 * 3_600)
EXAMPLES = settings.default.max_examples // 8
QUICK = EXAMPLES < 50
"""The same few lives for everybody; the deep profile lives others each time."""
A_GOOD_SEED = 7
"""In its lives are writes without an answer, deaths, edits, used plans and every way back to an old ledger."""
GROUNDS = STACKS[::3] if QUICK else STACKS
"""To build one costs as much as to live in it: QuickBooks, Xero and an ERP are among the few."""


class AnyOrder(RuleBasedStateMachine):
    """At a vendor never twice, nothing lost without a word, nothing sent from what is stale, used or old."""

    machine: Machine

    @initialize(stack=st.sampled_from(GROUNDS), number=ANY)
    def begin(self, stack: str, number: int) -> None:
        self.machine = Machine(stack, number)
        self.machine.back_up()
        self.machine.sell(2)

    @rule(deed=st.sampled_from(DEEDS), which=ANY)
    def people(self, deed: Callable[[Machine, int], None], which: int) -> None:
        deed(self.machine, which)

    @rule(seconds=st.sampled_from(SECONDS))
    def wait(self, seconds: int) -> None:
        self.machine.world.clock.advance(seconds)

    @rule(death=DEATHS)
    def pull(self, death: Event | None) -> None:
        self.machine.pull(death)

    @rule(pulled=st.booleans(), death=DEATHS)
    def plan(self, pulled: bool, death: Event | None) -> None:
        if pulled:
            self.machine.pull(None)
        self.machine.plan(death)

    @precondition(lambda self: self.machine.plans)
    @rule(back=st.sampled_from((0, 0, 0, 1, 2)), faults=FAULTS, death=DEATHS)
    def apply(self, back: int, faults: list[str], death: Event | None) -> None:
        newest = self.machine.plans[-3:]
        self.machine.apply(newest[-1 - back % len(newest)], faults, death)

    @rule(faults=FAULTS, death=DEATHS)
    def night(self, faults: list[str], death: Event | None) -> None:
        self.machine.night(faults, death)

    @rule(faults=FAULTS, death=DEATHS)
    def resume(self, faults: list[str], death: Event | None) -> None:
        self.machine.resume(faults, death)

    @rule()
    def back_up(self) -> None:
        self.machine.back_up()

    @rule(which=ANY, way=st.sampled_from(WAYS_BACK))
    def go_back(self, which: int, way: Callable[[Machine, Backup], None]) -> None:
        way(self.machine, self.machine.backups[which % len(self.machine.backups)])

    # --- what must hold ---

    @invariant()
    def all_is_well(self) -> None:
        assert self.machine.harm == []

    def teardown(self) -> None:
        self.machine.close()
        self.all_is_well()


TestAnyOrder = (seed(A_GOOD_SEED)(AnyOrder) if QUICK else AnyOrder).TestCase
TestAnyOrder.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
