"""Days and nights of a world: what people do, and how the tool is run. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from simulation.facts import Fact
from simulation.hands import remove_in_books, void_at_stripe
from simulation.person import settle_reviews
from simulation.stage import LIMITLESS, SharedProject
from simulation.world import Died
from syncctl import run
from syncctl.errors import LedgerError, LockedError, StalePlanError, SyncctlError, UsageError
from syncctl.model import Action, Plan, Ref
from syncctl.run import ReconcileReport
from syncctl.run.heads import alone

if TYPE_CHECKING:
    from simulation.world import World

RERUNS: Final = 5
"""So often a night is begun again after a death, or after a vendor that did not answer."""


class Nights:
    """How one world passes its time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = world.chance
        world.second = self._second_run

    # --- days ---

    def day(self) -> None:
        """A few things happen, in no order that would make it easy."""
        world, chance = self.world, self.chance
        self._sales()
        if chance.random() < 0.15:
            self.void(self.unpaid())
        if chance.random() < 0.15:
            self.remove()
        world.clock.advance(chance.choice((3_600, 80_000, 86_100, 90_000)))

    def _sales(self) -> None:
        sales, chance = self.world.sales, self.chance
        joined = [sales.join() for _ in range(chance.choice((0, 0, 1, 2)))]
        sold = [sales.sell(who) for who in joined]
        sold += [sales.sell() for _ in range(chance.choice((0, 1, 1, 2)))]
        for fact in sold:
            parts = chance.choice((0, 1, 3, 3))
            for _ in range(min(parts, 2)):
                sales.pay(fact, parts)
        for who in chance.sample(sales.known, k=chance.choice((0, 1, 1, 2))):
            sales.change(who)

    def unpaid(self) -> list[Fact]:
        paid = {id(fact.of) for fact in self.world.facts.of_kind("payment")}
        return [one for one in self.world.facts.of_kind("invoice") if id(one) not in paid and one.wanted]

    def void(self, free: list[Fact]) -> None:
        """One of these invoices, which nobody paid."""
        if free:
            fact = self.chance.choice(free)
            void_at_stripe(self.world.sandboxes["stripe"].vendor, fact)
            fact.wanted = False
            self.world.note(f"void at Stripe: {fact}")

    def remove(self) -> None:
        """A person takes back in the books what we made there."""
        world = self.world
        if world.ground.books == "erp":
            return
        made = [(one, self._booked(one)) for one in world.facts.of_kind("payment")]
        there = [(fact, ids[0]) for fact, ids in made if len(ids) == 1]
        if there:
            fact, identity = self.chance.choice(there)
            ref = Ref(world.ground.books, world.truth.shapes[fact.kind].kind, identity)
            remove_in_books(world.sandboxes[ref.system], ref)
            fact.touched = True
            world.removed.add(ref)
            if fact.of is not None:
                fact.of.touched = True
            world.note(f"removed by a person: {ref}")

    def _booked(self, fact: Fact) -> list[str]:
        return self.world.truth.booked(fact.kind).get(fact.key, [])

    # --- nights ---

    def night(self) -> None:
        """One night with its reruns."""
        self.world.figures.nights += 1
        for _ in range(RERUNS):
            way = self.chance.choices((self.reconcile, self._apply_later, self.resume), (6, 2, 2))[0]
            # Two schedulers, or somebody impatient: sometimes once more, at once.
            if self._attempt(way) and self.chance.random() < 0.7:
                return
            self.world.clock.advance(self.chance.choice((1, 5, 20, 200, 400, 4_000, 90_000)))

    def _attempt(self, way: Callable[[], Any]) -> bool:
        """True when a process came to its own end."""
        try:
            return way() is not None
        except Died:
            return False

    def ran(self, project: SharedProject, way: Callable[[], Any]) -> Any:
        """What a use case gives; None when it ended in an error that a user may meet."""
        try:
            found = way()
        except (LedgerError, AssertionError) as error:
            self.world.harm("fell over", f"{type(error).__name__}: {error}")
        except SyncctlError as error:
            self._note_end(type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, a user would have met it
            self.world.harm("fell over", f"{type(error).__name__}: {error}")
        else:
            self._note_end("end")
            return found
        if project.engine.db.in_transaction:
            self.world.harm("fell over", "a transaction was left open")
        return None

    def _note_end(self, end: str) -> None:
        self.world.figures.ends[end] += 1
        self.world.note(f"the run ended: {end}")

    def reconcile(self) -> ReconcileReport | None:
        """The nightly job. Between plan and push a person may edit what the plan is about."""
        if not self.world.trouble.on:
            self.world.figures.nights += 1
        with self.world.process() as project:
            found: ReconcileReport | None = self.ran(
                project,
                lambda: run.reconcile(project, choices=LIMITLESS, confirm=self._confirm, progress=self._progress),
            )
        return found

    def _progress(self, event: str, _facts: dict[str, Any]) -> None:
        if event == "plan":
            self.world.edits.plans += 1

    def _confirm(self, plan: Plan) -> bool:
        self._look(plan)
        return True

    def _look(self, plan: Plan) -> None:
        """The plan is on somebody's screen; meanwhile somebody else works on."""
        world = self.world
        world.pushed = plan.changes
        if world.trouble.on and world.people.random() < 0.3:
            world.people_edit(plan.changes)
        if world.trouble.on and world.people.random() < 0.1:
            world.clock.advance(world.people.choice((300, 3_000)))

    def _apply_later(self) -> Any:
        """A plan by day, its apply in another process hours later."""
        with self.world.process() as project:
            plan: Plan | None = self.ran(project, lambda: self._planned(project))
        if plan is None or not plan.changes:
            return plan
        self._look(plan)
        if self.chance.random() < 0.4:
            self._take_back(plan)
        self.world.clock.advance(self.chance.choice((10, 3_600, 50_000)))
        try:
            with self.world.process() as project:
                return self.ran(project, lambda: run.apply(project, plan, choices=LIMITLESS))
        finally:
            self._judge_taken_back()

    def _take_back(self, plan: Plan) -> None:
        """An invoice of the plan is void at Stripe before the plan is applied."""
        planned = {one.source for one in plan.changes if one.action is Action.CREATE}
        free = [fact for fact in self.unpaid() if fact.source in planned and not self._booked(fact)]
        self.void(free)
        for fact in free:
            fact.unasked = not fact.wanted

    def _judge_taken_back(self) -> None:
        for fact in self.world.facts.of_kind("invoice"):
            if fact.unasked and self._booked(fact):
                self.world.harm("phantoms", f"{fact} was void at Stripe before the apply that booked it")
            fact.unasked = False

    def _planned(self, project: SharedProject) -> Plan:
        with alone(project, project.new_id()):
            run.pull(project)
        self.world.edits.plans += 1
        return run.plan(project)

    def resume(self) -> Any:
        """`runs resume` of whatever the last runs left; the nightly job where there is nothing to resume."""
        with self.world.process() as project:
            settle_reviews(self.world, project)
            half = self._half_applied(project)
            if half:
                self.world.figures.events["resume"] += 1
                return self.ran(project, lambda: run.resume(project, half))
        return self.reconcile()

    def _half_applied(self, project: SharedProject) -> str:
        for one in project.journal.runs.list(3):
            plan = project.journal.runs.plan_of(one.id)
            if plan and project.journal.operations.unsent(plan):
                return one.id
        return ""

    def _second_run(self) -> None:
        """Somebody starts the tool again while it runs: it must be refused, or do no harm."""
        with self.world.process() as project:
            try:
                run.reconcile(project, choices=LIMITLESS, progress=self._progress)
            except LockedError:
                self.world.note("a second run was refused")
            except (StalePlanError, UsageError) as error:
                self.world.note(f"a second run ended: {error}")
            else:
                self.world.note("a second run ran")
