"""One run of the ledger: alone on it, written down at its start and at its end. I/O: the lock, the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from syncctl.errors import Interrupted, SyncctlError
from syncctl.project import Project
from syncctl.run.heads import alone

Stop: TypeAlias = Callable[[], int]
"""Asked between writes: the exit code of the signal that asked to stop, 0 while nobody did."""
INTERRUPTED: Final = "interrupted"
RUNNING: Final = "running"
OUTCOMES: Final = {
    0: "in sync",
    2: "open items",
    5: "partly applied",
    6: "not applied",
    130: INTERRUPTED,
    143: INTERRUPTED,
}
"""What `runs list` calls the end of a run that came to its end, by exit code; any other is "stopped"."""
PLANNED: Final = "planned"
PAUSED: Final = "paused"
"""A run that found the file PAUSE."""


def never() -> int:
    """Nobody asks to stop."""
    return 0


@contextmanager
def running(project: Project, command: str, run: str = "") -> Iterator[str]:
    """The run's id, for as long as it lasts; the caller writes down a good end, this a bad one.

    A process that is killed writes nothing down: a run without an end was interrupted. Raises LockedError, OldLedger.
    """
    run = run or project.new_id()
    with alone(project, run):
        runs = project.journal.runs
        runs.start(run, command)
        try:
            yield run
        except SyncctlError as error:
            runs.finish(run, type(error).__name__, error.exit_code, {})
            raise
        except Interrupted as error:
            project.engine.abandon()
            runs.finish(run, INTERRUPTED, error.exit_code, {})
            raise
        except Exception as error:
            runs.finish(run, type(error).__name__, 1, {})
            raise
