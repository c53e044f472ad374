"""The file PAUSE in the project's folder: while it is there nothing is written anywhere. I/O: looks at the file.

For the moment when something goes wrong and nobody has time to find out which run does it: `touch PAUSE` needs no
command of ours, no ledger and no network. What is there but cannot be read still pauses.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from syncctl.guards import GuardTrip
from syncctl.project import Project
from syncctl.safeguards import PAUSE

NAME: Final = "PAUSE"
REASON_MAX: Final = 300
"""Characters of the reason; the file may hold anything."""


def paused(project: Project) -> str:
    """Why nothing is written, in words; empty while there is no such file. Asked before every request that writes."""
    path = project.folder / NAME
    if not os.path.lexists(path):
        return ""
    reason = _reason(path)
    return f"all writing is paused by the file {NAME}" + (f": {reason}" if reason else "")


def _reason(path: Path) -> str:
    """Its text on one line; what shows it makes control characters visible."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not hold a run up
    except OSError:
        return ""
    try:
        body = os.read(descriptor, 4 * REASON_MAX)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return " ".join(body.decode("utf-8", "replace").split())[:REASON_MAX]


def pause_trip(project: Project) -> GuardTrip | None:
    """The guard that a project in pause trips."""
    why = paused(project)
    fix = f"when all is well, remove the file {NAME} in {project.folder}, then look anew: syncctl reconcile"
    return GuardTrip(PAUSE, why, "", "", "", fix) if why else None


def refuse_paused(project: Project) -> None:
    """Raises GuardTripped while the project is paused."""
    trip = pause_trip(project)
    if trip is not None:
        raise trip.error()
