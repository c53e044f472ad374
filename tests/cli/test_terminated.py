"""SIGTERM from outside while a vendor holds a write: real processes as cron starts them, vendors that are served."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cli.house import Stream
from conftest import ROOT
from syncctl.cli.app import run
from syncctl.cli.sandbox import pretend_systems
from syncctl.cli.scaffold import scaffold
from syncctl.cli.session import Session
from syncctl.sandbox.base import Sandbox, SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import SandboxClock
from syncctl.sandbox.serve import Served
from syncctl.sandbox.world import SYSTEMS, World, plan_world

PROGRAM = [sys.executable, "-c", "import sys; from syncctl.cli import main; sys.exit(main())"]
NIGHT = ("reconcile", "--yes", "--max-ratio", "100%", "--max-changes", "5000")
AROUND = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src")}
"""As cron has it, but for where this checkout is: both processes and this one run the same code."""
WAIT_SECONDS = 60
BUYERS = ("Acme Ltd", "Borealis Inc", "Cygnet LLC")
EMPTY: dict[str, Any] = dict.fromkeys(
    ("leads", "invoices", "payments", "refunds", "credit_notes", "movements", "payouts", "deals"), ()
)


@dataclass
class Night:
    """A process, and the SIGTERMs that it gets while a vendor has a write of its and has not answered it."""

    signals: int
    stopping: threading.Event = field(default_factory=threading.Event)
    held: bool = False
    err: str = ""

    def hold(self) -> None:
        """The vendor took the write: the process is signalled, and answered once it knows, or never."""
        self.held = True
        self.process.send_signal(signal.SIGTERM)
        assert self.stopping.wait(WAIT_SECONDS)
        if self.signals == 2:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(WAIT_SECONDS)

    def run(self, folder: Path, *words: str) -> int:
        """The process to its end, as cron starts it."""
        line = [*PROGRAM, "--project", str(folder), "--log-format", "text", *words]
        self.process = subprocess.Popen(
            line, env=AROUND, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with self.process as process:
            assert process.stderr is not None
            for said in process.stderr:
                self.err += said
                if "stopping: the write in flight is finished first" in said:
                    self.stopping.set()
        return process.returncode


class Holds(Sandbox):
    """A vendor that keeps a night waiting for the answer to its first write."""

    night: Night | None = None

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        before = len(self.writes())
        answer = super().handle(request)
        if self.night is not None and not self.night.held and len(self.writes()) > before:
            self.night.hold()
        return answer


def day_after(folder: Path, *words: str) -> int:
    """A command line in this process."""
    session = Session(out=Stream(), err=Stream(), environment={"SYNCCTL_CONFIG": "/nonexistent"})
    return run(["--project", str(folder), *words], session)


def states(folder: Path) -> Counter[str]:
    """How many operations the ledger holds in each state."""
    with closing(sqlite3.connect(folder / "ledger.db")) as db:
        return Counter(dict(db.execute("SELECT state, count(*) FROM operations GROUP BY state")))


def small_company() -> dict[str, Holds]:
    """One customer whom the books know, three whom they do not."""
    clock = SandboxClock()
    company = plan_world(clock, scale=0.01, limits=False).company
    buyer = next(one for one in company.customers if one.currency == "USD")
    world = World(clock, replace(company, customers=(buyer,), **EMPTY), (), limits=False)
    boxes = {name: Holds(world.vendor(name)) for name in SYSTEMS}
    stripe: Any = boxes["stripe"].vendor
    (like,) = stripe.state()["customer"].values()
    for number, name in enumerate(BUYERS):
        own = {"name": name, "email": f"b{number}@new.example", "phone": f"+1651555{number:04}", "metadata": {}}
        own["created"] = int(clock.now().timestamp())
        stripe.seed("customer", {**{key: like[key] for key in ("currency", "address")}, **own})
    return boxes


def test_what_sigterm_cut_is_asked_about_what_it_did_not_cut_is_finished_and_each_is_there_once(tmp_path: Path) -> None:
    boxes, books = small_company(), tmp_path / "books"
    with Served(boxes) as urls:
        scaffold(books, pretend_systems(urls))
        cut = boxes["quickbooks"].night = Night(signals=2)
        assert cut.run(books, *NIGHT, "--run-id", "night-1") == 143
        assert "Nothing is written twice: the next run asks the vendor about it" in cut.err
        assert states(books)["sending"] == len(BUYERS)  # one batch
        finished = boxes["stripe"].night = Night(signals=1)
        assert finished.run(books, "runs", "resume", "night-1") == 143
        assert "why=the run ended while this was being sent" in finished.err
        assert finished.err.partition("stopping: ")[2].count("state=applied") == 1
        left = states(books)
        assert left["planned"] > 0 == left["sending"] == left["unknown"]
        assert day_after(books, "runs", "resume", "night-1") == 0
        assert set(states(books)) == {"applied"}
    made: Any = boxes["quickbooks"].vendor.state()["Customer"]
    names = Counter(one["DisplayName"] for one in made.values())
    assert {names[name] for name in BUYERS} == {1}
