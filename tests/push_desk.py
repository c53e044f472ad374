"""A ledger, the fake systems and short words for changes: what the push tests work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from push_vendor import FakeConnector, FakeVendor, Systems, schema
from syncctl.fields.placeholder import placeholder
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.journal import Journal
from syncctl.ledger.records import Records
from syncctl.model import NEW, Action, Change, Edit, Money, Plan, Ref, Unknown
from syncctl.push import Means, OperationResult, push, resolve_open
from syncctl.sandbox.clock import FakeClock


def marker(source: Ref) -> str:
    """What a created record says about where it comes from."""
    return f"syncctl {source}"


def new(system: str, kind: str, name: str) -> Ref:
    """A record that a plan creates."""
    return Ref(system, kind, f"{NEW}{name}")


def known_later(ref: Ref, path: str = "id") -> dict[str, Any]:
    """A value that the creation of `ref` will tell."""
    return placeholder(Unknown(ref, path))


def create(system: str, kind: str, name: str, *parents: Change, moves: Money | None = None, **values: Any) -> Change:
    """A change that creates a record for the source `name`, with its marker."""
    source = Ref("source", kind, name)
    edits = tuple(Edit(path, None, value, codec=CODECS.get(path, "text")) for path, value in values.items())
    note = Edit("note", None, marker(source))
    target = new(system, kind, name)
    return Change(
        f"{kind}s|{source}|create|{system}:{kind}",
        f"{kind}s",
        Action.CREATE,
        target,
        source,
        f"{kind} {name}",
        (*edits, note),
        amount=moves,
        parents=tuple(parent.intent for parent in parents),
    )


def update(
    target: Ref, *parents: Change, action: Action = Action.UPDATE, mapping: str = "", **values: tuple[Any, Any]
) -> Change:
    """A change that writes (before, after) per path to a record."""
    edits = tuple(
        Edit(path, before, after, codec=CODECS.get(path, "text"), field=path)
        for path, (before, after) in values.items()
    )
    mapping = mapping or f"{target.kind}s"
    return Change(
        f"{mapping}|{target}|{action}",
        mapping,
        action,
        target,
        Ref("source", target.kind, f"of-{target.id}"),
        f"{target.kind} {target.id}",
        edits,
        parents=tuple(parent.intent for parent in parents),
    )


CODECS = {"customer": "ref.value", "amount": "money", "day": "date"}


@dataclass
class Desk:
    """One ledger and its systems. `restart` is a new process on the same ledger."""

    clock: FakeClock = field(default_factory=FakeClock)
    path: Path | None = None
    folder: Path | None = None
    reach: Callable[[str], None] = lambda _: None
    stop: Callable[[], bool] = lambda: False
    holds: Callable[[Change], str] = lambda _: ""
    prefix: str = ""

    def __post_init__(self) -> None:
        self.systems = Systems(self.clock, self.folder)
        self.engine: Engine = open_engine(self.path)
        self._ids = count(1)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.restart()

    def restart(self) -> None:
        """Nothing in memory survives."""
        self.journal = Journal(self.engine, self.clock)
        self.records = Records(self.engine)

    def vendor(self, system: str) -> FakeVendor:
        return self.systems.vendors[system]

    def connector(self, system: str) -> FakeConnector:
        return self.systems.connectors[system]

    def card(self, system: str, **words: Any) -> None:
        """Changes what a system can do, and what it says about it."""
        card = replace(self.connector(system).card, **words)
        self.vendor(system).card = card
        self.connector(system).card = card

    def identity(self) -> str:
        return f"{self.prefix}{next(self._ids):06d}"

    def means(self) -> Means:
        """The means of a new run."""
        run = f"run-{self.identity()}"
        self.journal.runs.start(run, "reconcile")
        return Means(
            run,
            self.journal,
            self.records,
            self.systems.connectors,
            schema,
            self.clock,
            lambda: f"op-{self.identity()}",
            holds=self.holds,
            progress=lambda what, told: self.told.append((what, told)),
            stop=self.stop,
            reach=self.reach,
        )

    def pull(self) -> None:
        """Everything every vendor has, into the ledger."""
        for connector in self.systems.connectors.values():
            for kind in connector.card.kinds:
                for page in connector.pull(kind, None):
                    self.records.store_page(connector.name, kind, page, self.clock.now().isoformat())

    def plan(self, *changes: Change) -> Plan:
        """A saved plan."""
        plan = Plan(
            f"plan-{self.identity()}",
            self.clock.now().isoformat(),
            self.engine.lineage,
            self.engine.serial(),
            "config",
            "0.1.0",
            (),
            changes,
            (),
        )
        return self.journal.plans.save(plan)

    def push(self, *changes: Change) -> tuple[OperationResult, ...]:
        """Plans and pushes these changes."""
        return push(self.plan(*changes), self.means())

    def next_night(self) -> tuple[OperationResult, ...]:
        """A new process, a day later, up to the first step of its run."""
        self.clock.advance(86_400)
        self.restart()
        return resolve_open(self.means())


def states(results: tuple[OperationResult, ...]) -> list[str]:
    return [str(result.state) for result in results]
