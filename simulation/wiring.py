"""Puts a world's hooks into the production code and takes them out again. I/O: opens ledgers.

Nothing here decides for the product. Replaced are threads (see one_thread.py), the places where a test may end the
process, and what is pure and the same for every world, which the stage has computed already.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from simulation.caller import Caller
from simulation.one_thread import ONE_THREAD
from simulation.patches import patched
from simulation.stage import SharedProject, Stage
from syncctl.connectors.http import Http
from syncctl.connectors.rest import load as rest_load
from syncctl.ledger import engine
from syncctl.project import Project
from syncctl.push.means import Means
from syncctl.run import applying, heads

Reach = Callable[[str], None]
PULL: Any = import_module("syncctl.run.pull")
"""The module: its package has a function of this name."""


class Watched(sqlite3.Connection):
    """A connection that tells of every commit, right before and right after it. `reach` is set by the world."""

    reach: Reach | None = None

    def execute(self, sql: str, *words: Any) -> sqlite3.Cursor:
        if sql != "COMMIT" or self.reach is None:
            return super().execute(sql, *words)
        self.reach("before-commit")
        done = super().execute(sql)
        self.reach("after-commit")
        return done


def _connect(path: Path | None) -> sqlite3.Connection:
    """As the ledger's own, but nobody waits for a lock: in one thread it would never be given back."""
    if path is None:
        raise ValueError("a simulated ledger is a file: a run's lock stands beside it")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    return sqlite3.connect(path, timeout=0, isolation_level=None, cached_statements=256, factory=Watched)


def _set_pragmas(connection: sqlite3.Connection, *, in_file: bool) -> None:
    """No journal on disk: a death is an exception here, and what a file survives is tested with SIGKILL."""
    del in_file
    for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def watch(project: Project, reach: Reach) -> None:
    """From now on the project's commits are told of."""
    connection = project.engine.db
    assert isinstance(connection, Watched)
    connection.reach = reach


def _keep(project: Project, who: str) -> Any:
    """A dead process keeps no head, whatever blocks end around it."""
    return None if isinstance(project, SharedProject) and project.dead else KEEP(project, who)


KEEP: Callable[[Project, str], Any] = heads.keep


@contextmanager
def wired(stage: Stage, reach: Reach) -> Iterator[None]:
    """For as long as a world of this stage lives. `reach` is told where a push is."""
    refuse, needed = PULL.refuse_problems, PULL.needed_kinds

    def refuse_problems(project: Project) -> None:
        if project.schemas() is not stage.schemas:
            refuse(project)

    def needed_kinds(project: Project) -> frozenset[tuple[str, str]]:
        if not isinstance(project, SharedProject) or project.schemas() is not stage.schemas:
            found: frozenset[tuple[str, str]] = needed(project)
            return found
        stage.needed = stage.needed or needed(project)
        return stage.needed

    with patched(
        *ONE_THREAD,
        (applying, "Means", partial(Means, reach=reach)),
        (PULL, "refuse_problems", refuse_problems),
        (PULL, "needed_kinds", needed_kinds),
        (heads, "keep", _keep),
        (Http, "client", property(Caller)),
        (engine, "_connect", _connect),
        (engine, "_set_pragmas", _set_pragmas),
        (rest_load, "load_system", _declared_once(rest_load.load_system)),
    ):
        yield


@cache
def _declared_once(load: Callable[..., Any]) -> Callable[..., Any]:
    return cache(load)
