"""One seed's world: its vendors, its ledger, its processes, and what happens around them. I/O: the ledger."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from simulation.edits import Edits
from simulation.facts import Facts
from simulation.figures import Damage, Figures
from simulation.lines import Line
from simulation.order import Order
from simulation.sales import Sales
from simulation.stacks import grounds
from simulation.stage import SharedProject, Stage, heads_of, stage_of
from simulation.trouble import UNVERSIONED, Event, Fate, Trouble
from simulation.truth import Truth
from simulation.wiring import watch
from syncctl.ledger.states import State
from syncctl.model import Change, Ref
from syncctl.sandbox.base import SandboxRequest

STACKS: Final = tuple(one.name for one in grounds())


class Died(BaseException):
    """The process is gone: nothing of it may be of use to anybody any more."""


class World:
    """Drawn from a seed: a stack, switches of its vendors, trouble, people. `damage` is what the judge found."""

    def __init__(self, seed: int, folder: Path, stack: str = "") -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.stage: Stage = stage_of(stack or self.chance.choice(STACKS))
        self.ground = self.stage.ground
        self.sandboxes, self.clock = self.stage.vendors_again()
        self.ledger = folder / "ledger.db"
        self.lay_ledger()
        self.trouble = Trouble(seed)
        self.truth = Truth(self.ground, self.sandboxes)
        self.facts = Facts()
        self.sales = Sales(self.ground, self.sandboxes, self.facts, random.Random(f"{seed} sales"))
        self.order = Order(self.truth, self.facts)
        self.people = random.Random(f"{seed} people")
        self.edits = Edits(self.sandboxes, self.people)
        self.figures = Figures(seeds=1)
        self.figures.worlds[self.ground.name] += 1
        self.damage: list[Damage] = []
        self.trace: list[str] = []
        self.pushed: tuple[Change, ...] = ()
        self.removed: set[Ref] = set()
        self.before = {kind: self.truth.booked(kind) for kind in self.truth.shapes}
        self.second: Callable[[], None] = lambda: None
        self._processes: list[tuple[SharedProject, Fate]] = []
        self._ids = 0
        self._switch_vendors()

    def lay_ledger(self) -> None:
        """The ledger as the first run of the stack left it."""
        self.ledger.write_bytes(self.stage.ledger)
        heads_of(self.ledger).write_bytes(self.stage.heads)

    def _switch_vendors(self) -> None:
        """What some companies have and others do not."""
        self.twins_refused = True
        if self.ground.books == "quickbooks" and self.chance.random() < 0.3:
            books: Any = self.sandboxes["quickbooks"].vendor
            books.set_rules(warn_duplicate_numbers=False)
            self.twins_refused = False

    # --- processes ---

    @contextmanager
    def process(self) -> Iterator[SharedProject]:
        """A new process on the ledger. Whatever ends it, nothing in its memory survives."""
        lines = {
            name: Line(name, sandbox, self, lambda: self.twins_refused) for name, sandbox in self.sandboxes.items()
        }
        project = self.stage.open(self.ledger, self.clock, self._next_id, lines)
        self.figures.processes += 1
        self._processes.append((project, self.trouble.fate() if not self._processes else Fate()))
        watch(project, self.reach)
        try:
            yield project
        finally:
            self._processes.pop()
            project.close()

    def _next_id(self) -> str:
        self._ids += 1
        return f"id{self._ids:06}"

    # --- what a line and a push tell (lines.Listener) ---

    def reach(self, point: str) -> None:
        """The innermost process is at this point. Raises Died when it ends there."""
        if not self._processes:
            return
        project, fate = self._processes[-1]
        if project.dead:
            raise Died(point)
        for event in fate.at(point):
            self._happens(event, project)
        if point == "after-intent" and fate.events and self.edits.unguarded(self._sending(project)):
            for event in fate.at(UNVERSIONED):
                self._happens(event, project)

    def _sending(self, project: SharedProject) -> list[Change]:
        """What the process is about to send."""
        return [one.sent or one.change for one in project.journal.operations.in_states({State.SENDING})]

    def _happens(self, event: Event, project: SharedProject) -> None:
        self.note(f"{event.what} at {event.point}")
        if event.what == "late death":
            self.trouble.forced = "late"
            self._processes[-1][1].dies_next_at("after-send")
            return
        if event.what == "death":
            self.figures.crashes[event.point] += 1
            project.dead = True
            raise Died(event.point)
        self.figures.events[event.what] += 1
        if event.what == "sleep":
            self.clock.advance(event.seconds)
            # Whoever slept longer than the deadline reads again before it writes, so nobody's edit is gone over.
            if event.point in ("after-intent", UNVERSIONED) and event.seconds > 15:
                self.people_edit(self._sending(project))
        elif not project.engine.db.in_transaction:
            self.second()

    def before_write(self, system: str, request: SandboxRequest) -> None:
        """Where the vendor checks versions, a person may come in between the read and the write."""
        if not self.trouble.on or self.people.random() >= 0.2:
            return
        sent = f"{request.path} {request.body!r}"
        written = [one for one in self.pushed if one.target.system == system and one.target.id in sent]
        self.people_edit(written, versioned_only=True)

    def people_edit(self, changes: Any, *, versioned_only: bool = False) -> None:
        """Somebody edits one of the records that are about to be written."""
        made = self.edits.somebody_edits(changes, versioned_only=versioned_only)
        if made is not None:
            self.figures.human_edits += 1
            self.note(f"edit: {made}")

    def told(self, system: str, request: SandboxRequest, fault: str, status: int | None, *, write: bool) -> None:
        """Counts a request, and looks at once whether a write did damage."""
        self.figures.requests += 1
        self.note(f"{system} {request.method} {request.path} {fault} {status}")
        if fault:
            self.figures.faults[fault] += 1
        if not write:
            return
        self.figures.writes += 1
        for edit in self.edits.overwritten(system):
            self.harm("human edits overwritten", f"{edit} became {edit.text!r}")
        if system in (self.ground.crm, "stripe"):
            for words in self.order.misordered(system):
                self.harm("order violations", words)

    # --- telling ---

    def harm(self, kind: str, words: str) -> None:
        """Damage, once each."""
        found = Damage(kind, words)
        if found not in self.damage:
            self.damage.append(found)
            self.figures.damage[kind] += 1
            self.note(f"DAMAGE {found}")

    def note(self, words: str) -> None:
        """A line of the trace: the same for the same seed, always."""
        self.trace.append(f"{self.clock.now().isoformat()} {words}")
