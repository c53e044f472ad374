"""A project whose three systems are sandboxes in this process, and a command line to talk to it."""

from __future__ import annotations

import atexit
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from put_away import put_away, taken_out
from syncctl.cli.app import run
from syncctl.cli.sandbox import pretend_systems
from syncctl.cli.scaffold import scaffold
from syncctl.cli.session import Session
from syncctl.model import Person
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.world import SYSTEMS, World, plan_world

YES = ("reconcile", "--yes", "--max-ratio", "100%")
URLS = {name: f"http://127.0.0.1:{8101 + number}" for number, name in enumerate(SYSTEMS)}


class Stream(io.StringIO):
    """A stream that says whether a person sits behind it."""

    def __init__(self, text: str = "", *, terminal: bool = False) -> None:
        super().__init__(text)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@dataclass(frozen=True)
class Said:
    """What one command line answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The last line of the log."""
        return json.loads(self.err.splitlines()[-1])


def folder() -> Path:
    """A fresh folder."""
    return Path(tempfile.mkdtemp(prefix="syncctl-test-"))


@contextmanager
def house() -> Iterator[House]:
    """A house after a dry run, for as long as the block runs: a copy, so that nobody disturbs another."""
    found = _copied(*_settled())
    try:
        yield found
    finally:
        shutil.rmtree(found.folder.parent)


@contextmanager
def written() -> Iterator[House]:
    """The same after a night that wrote: `first` is what it said, as JSON, and its run is night-8."""
    found = _copied(*_written())
    try:
        yield found
    finally:
        shutil.rmtree(found.folder.parent)


@cache
def _settled() -> tuple[House, bytes]:
    made = House(folder())
    atexit.register(shutil.rmtree, made.folder)
    made.first = made.run("reconcile", "--dry-run", "--run-id", "night-7")
    return made, put_away(made.boxes, made.clock)


@cache
def _written() -> tuple[House, bytes]:
    made = _copied(*_settled())
    atexit.register(shutil.rmtree, made.folder.parent)
    made.first = made.run(*YES, "--json", "--run-id", "night-8")
    return made, put_away(made.boxes, made.clock)


def _copied(held: House, vendors: bytes) -> House:
    """The same house elsewhere, with vendors and a clock of its own."""
    clock = FakeClock(held.clock.now())
    place = shutil.copytree(held.folder, folder() / "project")
    return House(place, held.first, taken_out(vendors, clock), clock)


@cache
def world() -> World:
    """The smallest company that still has one break of every kind; the facts never change."""
    return plan_world(FakeClock(), seed=1, scale=0.01, limits=False)


@dataclass
class House:
    """One project and its three pretend vendors."""

    folder: Path
    first: Said | None = None
    boxes: dict[str, Sandbox] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        if self.boxes:
            return
        here = World(self.clock, world().company, world().breaks, limits=False)
        self.boxes = {name: Sandbox(here.vendor(name)) for name in SYSTEMS}
        scaffold(self.folder, pretend_systems(URLS))

    def run(
        self,
        *words: str,
        terminal: bool = False,
        typed: str = "",
        environment: Mapping[str, str] | None = None,
        transport: Callable[[Sandbox], SandboxTransport] = SandboxTransport,
        by: Person | None = None,
    ) -> Said:
        """One command line, as a shell would start it in the project's folder; `typed` is what a person answers, `by`
        whose shell it is."""
        answers = Stream(typed, terminal=terminal)
        out, err = Stream(terminal=terminal), Stream(terminal=terminal)
        around = {"SYNCCTL_CONFIG": str(self.folder / "no-user-file"), "COLUMNS": "80", **(environment or {})}
        transports = {name: transport(box) for name, box in self.boxes.items()}
        session = Session(
            out=out,
            err=err,
            answers=answers,
            environment=around,
            surroundings={"transports": transports, "clock": self.clock, **({"operator": lambda: by} if by else {})},
        )
        code = run(["--project", str(self.folder), *words], session)
        return Said(code, out.getvalue(), err.getvalue())

    @property
    def writes(self) -> int:
        """Requests that may have changed something at a vendor."""
        return sum(len(box.writes()) for box in self.boxes.values())


def alone(*words: str, environment: Mapping[str, str] | None = None, terminal: bool = False) -> Said:
    """A command line without a project."""
    out, err = Stream(terminal=terminal), Stream(terminal=terminal)
    code = run(words, Session(out=out, err=err, environment={"SYNCCTL_CONFIG": "/nonexistent", **(environment or {})}))
    return Said(code, out.getvalue(), err.getvalue())


def columns(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """One column of rows."""
    return [row[name] for row in rows]


def moved(made: dict[str, Any], currency: str) -> Decimal:
    """What a plan moves in all, by its own totals."""
    return sum((Decimal(row["moved"]) for row in made["totals"] if row["currency"] == currency), Decimal(0))
