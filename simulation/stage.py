"""What all worlds of one stack share: the vendors and the ledger after a first run, settings, mappings. I/O: a folder
in memory where the machine has one.

A world takes copies out. What is pure and the same for every world is computed once: a seed costs milliseconds.
"""

from __future__ import annotations

import atexit
import pickle
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import httpx

from simulation.company import tiny_company
from simulation.hours import Hours
from simulation.one_thread import ONE_THREAD
from simulation.patches import patched
from simulation.stacks import Ground, grounds
from syncctl import run
from syncctl.fields.schema import Schema
from syncctl.ledger.engine import open_engine
from syncctl.mapping.language import Guards
from syncctl.mapping.language import Mapping as MappingFile
from syncctl.mapping.load import load_mappings
from syncctl.project import Project
from syncctl.projection.projection import Projection
from syncctl.reconciliation.refresh import Version
from syncctl.redact import Redactor
from syncctl.run import Choices
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.erp import ErpSandbox
from syncctl.sandbox.seed_erp import seed_erp
from syncctl.sandbox.world import COMPANY_NAME, CREDENTIALS, World
from syncctl.settings import Settings, load_settings

MEMORY: Final = Path("/dev/shm")
LIMITLESS: Final = Choices(overrides=Guards(max_changes=10_000, max_ratio=1), allow_shrunk=True, first_run=True)  # type: ignore[arg-type]
"""No guard stands between a plan and its push: guards have tests of their own."""
Compiled = list[tuple[Projection, Version]]


class SharedProject(Project):
    """A project whose pure parts come from the stage: what a mapping's text and the schemas alone decide. `dead` once
    its process ended in the middle of something."""

    stage: Stage | None = None
    dead: bool = False

    @property
    def config_hash(self) -> str:
        found = self.stage.config_hash if self.stage is not None else ""
        return found or super().config_hash

    def ordered(self) -> tuple[MappingFile, ...]:
        found = self.stage.order if self.stage is not None else ()
        return found or super().ordered()


@dataclass
class Stage:
    """One stack, settled: what the vendors hold and the ledger knows agree."""

    ground: Ground
    settings: Settings
    mappings: tuple[MappingFile, ...]
    vendors: bytes = b""
    ledger: bytes = b""
    heads: bytes = b""
    schemas: dict[tuple[str, str], Schema] | None = None
    compiled: Compiled | None = None
    config_hash: str = ""
    order: tuple[MappingFile, ...] = ()
    needed: frozenset[tuple[str, str]] = frozenset()

    def vendors_again(self) -> tuple[dict[str, Sandbox], Hours]:
        """The vendors as they were put away, and the clock they share."""
        found: tuple[dict[str, Sandbox], Hours] = pickle.loads(self.vendors)
        return found

    def open(
        self, ledger: Path, clock: Hours, ids: Callable[[], str], transports: Mapping[str, httpx.BaseTransport]
    ) -> SharedProject:
        """A new process on this ledger: nothing in memory but what every process would compute alike."""
        settings = replace(self.settings, ledger=ledger, heads=heads_of(ledger))
        engine = open_engine(ledger)
        project = SharedProject(
            ledger.parent, settings, engine, self.mappings, clock, ids, Redactor(), transports,
            _schemas=self.schemas, _projections=self.compiled,
        )  # fmt: skip
        project.stage = self
        return project


def heads_of(ledger: Path) -> Path:
    """The file that keeps the heads of a ledger's audit chain."""
    return ledger.with_suffix(".heads")


@cache
def stage_of(name: str) -> Stage:
    """The stage of a stack, built when it is first asked for."""
    ground = next(one for one in grounds() if one.name == name)
    folder = memory_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for place, text in ground.files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = load_settings(folder, environment=ground.environment)
    stage = Stage(ground, settings, load_mappings(settings.mappings, settings.books))
    with patched(*ONE_THREAD):
        _settle(stage, folder / "ledger.db")
    return stage


def memory_folder() -> Path:
    """A new folder; whoever asked for it removes it."""
    return Path(mkdtemp(prefix="syncctl-simulation-", dir=MEMORY if MEMORY.is_dir() else None))


def _settle(stage: Stage, ledger: Path) -> None:
    """The first run of the stack, without any trouble; what it leaves is where every world begins."""
    clock = Hours()
    sandboxes = _sandboxes(stage.ground, clock)
    numbers = iter(range(1_000_000))
    transports = {name: SandboxTransport(sandbox) for name, sandbox in sandboxes.items()}
    project = stage.open(ledger, clock, lambda: f"first{next(numbers):04}", transports)
    with project.engine.write():
        project.engine.set_meta("lineage", "simulated")
    for _ in range(2):  # the ERP has no mark of its customers yet
        report = run.reconcile(project, choices=LIMITLESS)
        clock.advance(3_600)
    if report.exit_code != 0:
        raise RuntimeError(f"the stack {stage.ground.name} is not in agreement to begin with: {report.findings}")
    stage.schemas, stage.compiled = project.schemas(), project.projections()
    stage.config_hash, stage.order = project.config_hash, project.ordered()
    project.close()
    stage.ledger, stage.heads = ledger.read_bytes(), heads_of(ledger).read_bytes()
    for sandbox in sandboxes.values():
        sandbox.log.clear()
    stage.vendors = pickle.dumps((sandboxes, clock), pickle.HIGHEST_PROTOCOL)


def _sandboxes(ground: Ground, clock: Hours) -> dict[str, Sandbox]:
    company = tiny_company(clock.now())
    world = World(clock, company, (), limits=False, stack=ground.stack)
    if ground.books != "erp":
        found = world.sandboxes(ground.systems)
        for name, value in ground.switches.items():
            setattr(found[ground.books].vendor, name, value)
        return found
    opened = CREDENTIALS["erp"]
    erp = ErpSandbox(
        clock, token=opened.token, company=opened.company, company_name=COMPANY_NAME, limits=False, **ground.switches
    )
    seed_erp(erp, company)
    return {**world.sandboxes(("stripe",)), "erp": Sandbox(erp)}
