"""Whole nights against served vendors, each a process of its own that may be killed. Prints what was left, as JSON.

Run by tests/kill_worlds.py as its own process: it forks, and a test runner with threads must not.
Arguments: a project folder to copy, where to work, and {"urls", "environment", "start", "undo", "cases"} as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from syncctl import failpoints, run
from syncctl.errors import UsageError
from syncctl.ledger.heads import family, last_head
from syncctl.mapping.language import Guards
from syncctl.project import Project, open_project
from syncctl.run import Choices, ReconcileReport
from syncctl.sandbox.clock import FakeClock

NIGHT_SECONDS = 1_200
CHOICES = Choices(overrides=Guards(max_changes=100), first_run=True)
PASSING = {
    *("SyncToken", "MetaData", "updatedAt", "createdAt", "hs_lastmodifieddate", "lastmodifieddate", "createdate"),
    *("invoice_pdf", "hosted_invoice_url", "syncctl_operation", "syncctl_external_id"),
}
"""Stamps, counters of versions, addresses that hold a stamp, and tags of operations."""


class Nights:
    """One case after the other; the vendors are reset between them, and time only goes on."""

    def __init__(self, template: Path, folder: Path, given: dict[str, Any]) -> None:
        self.template, self.folder = template, folder
        self.urls: dict[str, str] = given["urls"]
        self.environment: dict[str, str] = given["environment"]
        self.undo: str = given["undo"]
        self.now = datetime.fromisoformat(given["start"])
        self.client = httpx.Client(trust_env=False)

    def tell(self, command: str, body: Any = None) -> None:
        for url in self.urls.values():
            self.client.post(f"{url}/_sandbox/{command}", json=body).raise_for_status()

    def case(self, deaths: list[str]) -> dict[str, Any]:
        """Dies at each of these points, a night each; then a night that mends, and one that finds nothing to do."""
        folder = self.folder / ("-".join(deaths).replace(":", "_") or "alive")
        shutil.copytree(self.template, folder)
        self.tell("reset")
        signals = [self.night(folder, point, self.undo) for point in [*deaths, ""]]
        return {"signals": [*signals, self.night(folder, "", "")], **self.left(folder)}

    def night(self, folder: Path, point: str, undo: str) -> int:
        """One run in a process of its own; returns the signal that ended it, or 0."""
        self.now += timedelta(seconds=NIGHT_SECONDS)
        self.tell("clock", {"advance_seconds": NIGHT_SECONDS})
        child = os.fork()
        if child == 0:
            os.environ[failpoints.VARIABLE] = point
            self.live(folder, undo)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise SystemExit(f"a run failed at {point or 'no point'} in {folder.name}")
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def warm_up(self) -> None:
        """Pulls and plans in this process: what every night would load, read and compile anew, it takes over when it is
        forked, but for which failpoint there is.
        """
        folder = self.folder / "warm-up"
        shutil.copytree(self.template, folder)
        self.tell("reset")
        project = open_project(folder, clock=FakeClock(self.now), environment=self.environment)
        run.pull(project)
        run.plan(project)
        project.close()
        failpoints._wanted.cache_clear()

    def live(self, folder: Path, undo: str) -> None:
        """The night itself; never returns."""
        try:
            project = open_project(folder, clock=FakeClock(self.now), environment=self.environment)
            report = back(project, undo) if undo else run.reconcile(project, choices=CHOICES)
            journal, last = project.journal, last_head(project.settings.heads, family(project.engine.lineage))
            said = {
                "changes": str(len(report.plan.changes)),
                "open": " ".join(journal.open_intents()),
                "audit": str(journal.verify() or ""),
                "head": "kept" if last is not None and last.head == journal.head() else "behind",
            }
            (folder / "said").write_text(json.dumps(said))
        except BaseException as error:  # noqa: BLE001 - the parent reads the exit code
            sys.stderr.write(f"{folder.name}: {error!r}\n")
            os._exit(70)
        os._exit(0)

    def left(self, folder: Path) -> dict[str, Any]:
        """What the vendors hold, and what the last night said."""
        state = {name: self.client.get(f"{url}/_sandbox/state").json() for name, url in self.urls.items()}
        held = {
            f"{name}.{kind}": sorted(json.dumps(lasting(one), sort_keys=True) for one in records.values())
            for name, kinds in state.items()
            for kind, records in kinds.items()
            if isinstance(records, dict) and kind != "event"
        }
        # An update that was written twice shows here: the vendor tells of it twice.
        held["stripe.event"] = [str(number) for number in range(len(state["stripe"]["event"]))]
        return {"held": held, **json.loads((folder / "said").read_text())}


def back(project: Project, undo: str) -> ReconcileReport:
    """Takes a run back; when an earlier night got that far already, looks whether all is well."""
    try:
        return run.undo(project, undo, choices=CHOICES)
    except UsageError:
        return run.reconcile(project, choices=CHOICES)


def lasting(value: Any) -> Any:
    """A record without what is another in every life."""
    if isinstance(value, dict):
        return {name: lasting(one) for name, one in value.items() if name not in PASSING}
    if isinstance(value, list):
        return [lasting(one) for one in value]
    return value


def main(template: Path, folder: Path, given: dict[str, Any]) -> None:
    nights = Nights(template, folder, given)
    nights.warm_up()
    print(json.dumps({" ".join(deaths): nights.case(deaths) for deaths in given["cases"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
