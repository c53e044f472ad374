"""demo: the whole job on a pretend company in this process. I/O: a temporary folder, standard streams; no network."""

from __future__ import annotations

import shutil
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from syncctl.cli.exits import ERROR, OK
from syncctl.stack import USUAL, Stack

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.model import Plan
    from syncctl.project import Project
    from syncctl.run import ReconcileReport
    from syncctl.sandbox.base import Sandbox
    from syncctl.sandbox.clock import FakeClock

SERVED_FROM: Final = 8101
"""Where `syncctl sandbox serve` would put the first of these systems: a kept project can go on there."""


MEANINGS: Final = {
    "breaks": "mistakes that were planted in the company's records before the first run",
    "planned": "corrections that the dry run proposed; one of them may mend several mistakes, or a part of one",
    "applied": "corrections that were written and read back; the rest was refused or waits, as said above",
    "open": "findings that nobody but a person can settle; NEXT says how",
    "second_run_writes": "what a second run over the same records wrote: nothing is written twice",
}
"""What the numbers at the end count, for a finance person; `-o json` has them under the same names."""
BRIDGE: Final = (
    "A break is not always one row: it may need several corrections (a customer, its invoice, the deal), only a person "
    "(two records fit), or nothing (a rounding that the mapping allows); and what was refused is open too."
)
"""How the numbers hang together."""
GONE: Final = (
    "This project is gone: the commands above are what one of yours would be told. "
    "`syncctl demo --keep` keeps it, to try them."
)
LINE_MAX: Final = 79
"""Columns of the last lines."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Which systems play, and which company: its seed and its size."""

    stack: Stack
    seed: int
    scale: float

    @property
    def served(self) -> dict[str, str]:
        """The addresses at which the systems would be served."""
        return {name: f"http://127.0.0.1:{port}" for port, name in enumerate(self.stack.systems, SERVED_FROM)}

    @property
    def serving(self) -> str:
        """The command that serves them; the usual systems go without saying."""
        names = "" if self.stack == USUAL else f" {' '.join(self.stack.systems)}"
        return f"syncctl sandbox serve{names} --seed {self.seed} --scale {self.scale:g}"


def run_demo(session: Session, cast: Cast, *, keep: bool) -> int:
    """Makes the company and the project, reconciles twice, and says how it stands.

    Returns 0, also when open items wait for a person: they were planted for that. 1 when the second run wrote.
    """
    from syncctl.sandbox.base import Sandbox
    from syncctl.sandbox.clock import FakeClock
    from syncctl.sandbox.world import plan_world

    began = time.perf_counter()
    clock = FakeClock()
    world = plan_world(clock, seed=cast.seed, scale=cast.scale, limits=False, stack=cast.stack)
    boxes = {name: Sandbox(world.vendor(name)) for name in cast.stack.systems}
    with _folder(keep=keep) as folder:
        demo = Demo(session, folder, boxes, clock, cast.served)
        try:
            result = demo.run()
        finally:
            demo.project.close()
        result = {"breaks": len(world.breaks), **result, "seconds": round(time.perf_counter() - began, 1)}
        _end(session, result, folder if keep else None, cast)
    return ERROR if result["second_run_writes"] else OK


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="syncctl-demo-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder)


class Demo:
    """One demo: a project whose systems are sandboxes in this process."""

    def __init__(
        self,
        session: Session,
        folder: Path,
        boxes: Mapping[str, Sandbox],
        clock: FakeClock,
        served: Mapping[str, str],
    ) -> None:
        from syncctl.cli.sandbox import pretend_systems
        from syncctl.cli.scaffold import scaffold
        from syncctl.project import open_project
        from syncctl.sandbox.base import SandboxTransport

        scaffold(folder, pretend_systems(served))
        numbers = count(1)
        self.session = session
        self.boxes = boxes
        self.project: Project = open_project(
            folder,
            transports={name: SandboxTransport(box) for name, box in boxes.items()},
            clock=clock,
            ids=lambda: f"demo-{next(numbers)}",
            environment={},
        )
        self.redact = self.project.redact

    def run(self) -> dict[str, Any]:
        """Reconciles, looks again, and counts what the second look wrote: nothing, or it is a defect."""
        first = self._reconcile(confirm=self._show_plan)
        self._show_applied(first)
        before = self._writes()
        second = self._reconcile(confirm=lambda _plan: True)
        written = self._writes() - before
        self._show_statement(second)
        waiting = [finding for finding in second.findings if not finding.accepted]
        applied = first.applied.counts.get("applied", 0) if first.applied else 0
        return {
            "planned": len(first.plan.changes),
            "applied": applied,
            "open": len(waiting),
            "second_run_writes": written,
            "in_sync": not waiting and not second.plan.changes,
        }

    def _reconcile(self, *, confirm: Any) -> ReconcileReport:
        from decimal import Decimal

        from syncctl.mapping.language import Guards
        from syncctl.run import Choices, reconcile

        # Everything is planted here, so the guards that protect real books would only stop the show.
        choices = Choices(Guards(max_changes=100_000, max_ratio=Decimal(1), max_amount=(("USD", Decimal(10**12)),)))
        with self.session.progress() as progress:
            return reconcile(self.project, confirm=confirm, choices=choices, progress=progress)

    def _writes(self) -> int:
        return sum(len(box.writes()) for box in self.boxes.values())

    def _show_plan(self, plan: Plan) -> bool:
        from syncctl.report.plans import plan_report

        if self.session.output == "table":
            with self.session.paused():
                self.session.show(plan_report(plan, now=self.project.clock.now()))
        return True

    def _show_applied(self, report: ReconcileReport) -> None:
        from syncctl.report.runs import applied_report

        if self.session.output == "table" and report.applied is not None:
            self.session.show(applied_report(report.applied, self.redact))

    def _show_statement(self, report: ReconcileReport) -> None:
        from rich.console import Group

        from syncctl.cli.plans import sides_of
        from syncctl.report.formats import Report
        from syncctl.report.statement import statement_block
        from syncctl.report.table import next_for

        if self.session.output == "table":
            now, sides = self.project.clock.now(), sides_of(self.project)
            right = f"run {report.run.id}"
            show = Report(
                "statement",
                lambda width: Group(
                    statement_block(report.statement, report.findings, sides=sides, width=width, now=now, right=right),
                    "",
                    next_for(report.findings),
                ),
            )
            self.session.show(show)


def _end(session: Session, result: Mapping[str, Any], folder: Path | None, cast: Cast) -> None:
    """The last lines: for a program one JSON object, for a person what happened and how to go on.

    A person whose stdout goes elsewhere (`| cat`, `> page.txt`, `-o json`) is told at the terminal too.
    """
    from syncctl.report.formats import Report, write_report

    lines = _last_lines(result, folder, cast)
    if session.output != "table":
        form = "jsonl" if session.output == "json" else session.output
        row = {**result, **({"folder": str(folder)} if folder else {})}
        write_report(Report("demo", lambda _width: "", [row]), form, session.out)
    else:
        session.out.write("\n" + "".join(f"{line}\n" for line in lines))
    session.out.flush()
    if session.terminal and not session.out.isatty():
        for line in lines:
            session.say(line)


def _folded(head: str, text: str) -> list[str]:
    """The text behind its head, broken between words at 80 columns."""
    return textwrap.wrap(text, LINE_MAX, initial_indent=head, subsequent_indent=" " * len(head))


def _last_lines(result: Mapping[str, Any], folder: Path | None, cast: Cast) -> list[str]:
    told = [
        line for name, meaning in MEANINGS.items() for line in _folded(f"{result[name]:>5}  ", f"{name}: {meaning}")
    ]
    told += ["", *_folded("", BRIDGE)]
    if folder is None:
        return [*told, "", *_folded("", GONE)]
    kept = f"The project is kept in {folder}. To go on with it:"
    return [*told, kept, f"  {cast.serving}", f"  syncctl --project {folder} reconcile --dry-run"]
