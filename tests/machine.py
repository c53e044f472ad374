"""One of the simulator's worlds in the hands of a test that says what happens next: the deeds, and what must hold after
each. What does not hold is harm of the world.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from simulation.hands import book_customer, places
from simulation.life import end
from simulation.nights import Nights
from simulation.patches import patched
from simulation.stage import LIMITLESS, SharedProject, heads_of, memory_folder
from simulation.told import ToldTrouble
from simulation.trouble import Event
from simulation.truth import DEALS
from simulation.wiring import wired
from simulation.world import Died, World

from syncctl import run
from syncctl.errors import GuardTripped, OldLedger, StalePlanError
from syncctl.ledger import restoring
from syncctl.ledger.audit import head
from syncctl.ledger.reading import reading
from syncctl.ledger.verifying import verify
from syncctl.model import Plan, Ref
from syncctl.planfile import plan_from_json, plan_to_json, too_old
from syncctl.run.heads import alone
from syncctl.run.restoring import backup_ledger, lineage_of, restore

AN_HOUR = 3_600
"""Whoever puts a ledger back waits until nothing of the last run can be on its way."""


class Backup(NamedTuple):
    """A copy of the ledger, and where its audit chain ended then."""

    path: Path
    count: int


class Machine:
    """A world, what was planned and backed up in it, and its people."""

    def __init__(self, stack: str, seed: int) -> None:
        self.folder = memory_folder()
        self.world = World(seed, self.folder, stack)
        self.trouble = self.world.trouble = ToldTrouble(seed)
        self.nights = Nights(self.world)
        self.settings = replace(self.world.stage.settings, ledger=self.world.ledger, heads=heads_of(self.world.ledger))
        self.plans: list[bytes] = []
        self.backups: list[Backup] = []
        self.taken: set[str] = set()
        self.unsure: set[str] = set()
        self._around = ExitStack()
        self._around.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._around.enter_context(wired(self.world.stage, self.world.reach))
        names = SimpleNamespace(token_hex=lambda _bytes: f"again{len(self.world.trace)}")
        self._around.enter_context(patched((restoring, "secrets", names)))

    @property
    def harm(self) -> list[str]:
        """Everything that did not hold so far."""
        return [str(one) for one in self.world.damage]

    def close(self) -> None:
        """Quiet nights and the verdict, where all is well so far."""
        with self._around:
            if not self.harm:
                end(self.world, self.nights)
                self._full_pass_finds_the_same(full_pull=True)
                self._verified()

    # --- the tool ---

    def _run(self, way: Callable[[SharedProject], Any], faults: Sequence[str] = (), death: Event | None = None) -> Any:
        """One process of the tool; None when it died, or ended in an error that a user may meet."""
        self.trouble.tell(faults, death)
        try:
            with self.world.process() as project:
                return self.nights.ran(project, lambda: way(project))
        except Died:
            return None
        finally:
            self.trouble.tell()
            self._verified()

    def pull(self, death: Event | None) -> None:
        def pulled(project: SharedProject) -> None:
            with alone(project, project.new_id()):
                run.pull(project)

        self.world.edits.plans += 1  # what it saw of people's edits, a plan may put back
        self._run(pulled, death=death)

    def plan(self, death: Event | None) -> None:
        made: Plan | None = self._run(run.plan, death=death)
        if made is not None:
            self.plans.append(plan_to_json(made))
            self._full_pass_finds_the_same()

    def apply(self, body: bytes, faults: Sequence[str], death: Event | None) -> None:
        """Applies a plan file: the first time while nothing moved, and never else."""
        plan = plan_from_json(body)
        self.world.pushed, before, outdated = plan.changes, self.world.figures.writes, False

        def applied(project: SharedProject) -> None:
            nonlocal outdated
            engine = project.engine
            moved = (plan.lineage, plan.serial) != (engine.lineage, engine.serial())
            outdated = moved or plan.id in self.taken or too_old(plan.created_at, self.world.clock.now())
            try:
                run.apply(project, plan, choices=LIMITLESS)
            except StalePlanError as error:
                if not outdated and plan.id not in self.unsure:
                    self.world.harm("refused", f"a plan that nothing moved since: {error}")
            else:
                if outdated:
                    self.world.harm("taken", f"the used or stale plan {plan.id}")
                self.taken.add(plan.id)

        self._run(applied, faults, death)
        again = plan.id not in self.unsure
        self.unsure.add(plan.id)
        if self.world.figures.writes > before and outdated:
            self.world.harm("taken", f"something was sent for the used or stale plan {plan.id}")
        if again and plan.id in self.taken:
            self.apply(body, (), None)

    def night(self, faults: Sequence[str], death: Event | None) -> None:
        """The nightly job. Between its plan and its push somebody may edit."""
        self.trouble.tell(faults, death)
        try:
            done = self.nights.reconcile()
        except Died:
            done = None
        finally:
            self.trouble.tell()
        self._verified()
        if done is not None:
            self._full_pass_finds_the_same()

    def resume(self, faults: Sequence[str], death: Event | None) -> None:
        self.trouble.tell(faults, death)
        try:
            self.nights.resume()
        except Died:
            pass
        finally:
            self.trouble.tell()
        self._verified()

    # --- backups ---

    def back_up(self) -> None:
        target = self.folder / f"backup{len(self.backups)}.db"
        self.backups.append(Backup(target, backup_ledger(self.settings, target, replace=False).count))

    def restore(self, backup: Backup) -> None:
        """`ledger restore FILE`: what is newer is given up only by who says so."""
        self._wait()
        before = self.world.ledger.read_bytes()
        try:
            self._restore(backup.path, accept_loss=False)
        except GuardTripped:
            if self.world.ledger.read_bytes() != before:
                self.world.harm("taken", "a restore that was refused replaced the ledger")
            self._restore(backup.path, accept_loss=True)
        else:
            if self._count(before) > backup.count:
                self.world.harm("taken", f"{backup} restored, and nobody accepted the loss")
        self.world.note(f"restored {backup.path.name}")
        self._verified()

    def copy_and_go_on(self, backup: Backup) -> None:
        """The newer ledger is lost: they go on with the old one, knowingly."""
        self.copy_over(backup, go_on=True)

    def copy_over(self, backup: Backup, *, go_on: bool = False) -> None:
        """Somebody copies an old file over the ledger: nothing may be written from it until they know what it is. Then
        they put the newer one back."""
        self._wait()
        before = self.world.ledger.read_bytes()
        shutil.copyfile(backup.path, self.world.ledger)
        if not self._refused() or go_on:
            if self._refused():
                self._restore(None, accept_loss=True)
            self.world.note(f"copied {backup.path.name} over the ledger")
            self._verified()
        else:
            self.world.ledger.write_bytes(before)

    def _refused(self) -> bool:
        """Whether the ledger that is there is refused as an old one; it must be where a kept head says so."""
        writes = self.world.figures.writes
        with self.world.process() as project:
            try:
                with alone(project, project.new_id()):
                    return False
            except OldLedger:
                pass
            try:
                run.reconcile(project, choices=LIMITLESS)
            except OldLedger:
                if self.world.figures.writes == writes:
                    return True
        self.world.harm("taken", "a run wrote from an old ledger")
        return True

    def _restore(self, backup: Path | None, *, accept_loss: bool) -> None:
        restore(self.settings, backup, self.world.clock, self.world._next_id, accept_loss=accept_loss)

    def _count(self, ledger: bytes) -> int:
        path = self.folder / "before.db"
        path.write_bytes(ledger)
        with reading(path) as db:
            return head(db).count

    def _wait(self) -> None:
        self.world.clock.advance(AN_HOUR)
        for sandbox in self.world.sandboxes.values():
            sandbox.catch_up()

    # --- what must hold ---

    def _verified(self) -> None:
        with reading(self.world.ledger) as db:
            for one in verify(db, lineage_of(db), self.settings.heads).broken:
                self.world.harm("chain", f"event {one.number}: {one.what}")

    def _full_pass_finds_the_same(self, *, full_pull: bool = False) -> None:
        """All that incremental pulls and passes left open, against a copy of the ledger that looks at everything."""
        copy = self.folder / "whole.db"
        with self.world.process() as project:
            here = _facts(project)
            backup_ledger(self.settings, copy, replace=True)
            lines = project.transports
        whole = self.world.stage.open(copy, self.world.clock, self.world._next_id, lines)
        try:
            if full_pull:
                run.pull(whole, full=True)
            whole._projections = [
                (projection, replace(version, sides=version.sides + "!")) for projection, version in whole.projections()
            ]
            there = _facts(whole)
        finally:
            whole.close()
            heads_of(copy).unlink(missing_ok=True)
        for one in sorted(here ^ there):
            self.world.harm("incremental", f"{'only' if one in here else 'not'} in the incremental pass: {one}")

    # --- people ---

    def sell(self, which: int) -> None:
        """A new customer is billed, and pays nothing, all, or in two parts."""
        sales = self.world.sales
        sold = sales.sell(sales.join())
        parts = which % 3
        for _ in range(parts):
            sales.pay(sold, parts + 1)

    def change(self, which: int) -> None:
        """A customer's phone number is another at Stripe."""
        sales = self.world.sales
        sales.change(sales.known[which % len(sales.known)])

    def void(self, _which: int) -> None:
        """An unpaid invoice is void at Stripe."""
        self.nights.void(self.nights.unpaid())

    def remove(self, _which: int) -> None:
        """A payment of ours is deleted in the books."""
        self.nights.remove()

    def edit(self, which: int) -> None:
        """Somebody changes a field of a record in the books or the CRM, unless a write may still be on its way there:
        where versions are not checked, nobody could keep that one from arriving later."""
        ref = self._chosen(which)
        there = places(ref.system, ref.kind)
        if there and not self.world.sandboxes[ref.system]._late:
            self.world.note(f"edit: {self.world.edits.edit(ref, there[which % len(there)])}")

    def _chosen(self, which: int) -> Ref:
        truth, ground = self.world.truth, self.world.ground
        refs = [
            Ref(ground.books, shape.kind, identity)
            for kind, shape in truth.shapes.items()
            for found in truth.booked(kind).values()
            for identity in found
        ]
        deals = [fact.deal for fact in self.world.facts.all if fact.deal]
        refs += [Ref(ground.crm, DEALS[ground.crm], identity) for identity in deals]
        return refs[which % len(refs)]

    def book(self, _which: int) -> None:
        """Somebody enters a customer of Stripe's in the books who is not there yet. Its name is taken from then on;
        the ERP does not mind two of a name."""
        world = self.world
        if world.ground.books == "erp" or any(box._late for box in world.sandboxes.values()):
            return
        booked = world.truth.booked("customer")
        for fact in world.facts.of_kind("customer"):
            if fact.key not in booked:
                name = world.truth.stripe(fact.source)["name"]
                book_customer(world.sandboxes[world.ground.books], world.ground.books, name, str(fact.key))
                world.note(f"booked by a person: {fact}")
                return


def _facts(project: SharedProject) -> set[tuple[str, ...]]:
    """What is open, without dates and numbers of the ledger's own."""
    return {
        (one.mapping, one.kind, one.field, str(one.left), str(one.right), one.left_shown, one.right_shown, one.reason)
        for one in run.diff(project).findings
    }
