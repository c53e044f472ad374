"""Whole nights against served vendors, each a process of its own that may be killed. Prints what was left, as JSON.

Run by tests/test_kill.py as its own process: it forks, and a test runner with threads must not.
Arguments: a project folder to copy, where to work, and {"urls", "environment", "start", "cases"} as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

from syncctl import run
from syncctl.connectors.registry import connector_class
from syncctl.failpoints import VARIABLE
from syncctl.mapping.language import Guards
from syncctl.project import open_project
from syncctl.run import Choices
from syncctl.sandbox.clock import FakeClock

NIGHT_SECONDS = 1_200
QUIET_NIGHTS = 2
"""After the deaths: one that mends, one that finds nothing to do."""
CHOICES = Choices(overrides=Guards(max_changes=100), first_run=True)


class Nights:
    """One case after the other; the vendors are reset between them, and time only goes on."""

    def __init__(self, template: Path, folder: Path, given: dict[str, Any]) -> None:
        self.template, self.folder = template, folder
        self.urls: dict[str, str] = given["urls"]
        self.environment: dict[str, str] = given["environment"]
        self.now = datetime.fromisoformat(given["start"])
        self.client = httpx.Client(trust_env=False)

    def tell(self, command: str, body: Any = None) -> None:
        for url in self.urls.values():
            self.client.post(f"{url}/_sandbox/{command}", json=body).raise_for_status()

    def case(self, deaths: list[str]) -> dict[str, Any]:
        """Dies at each of these points, a night each, then runs until nothing is left."""
        folder = self.folder / "-".join(deaths).replace(":", "_")
        shutil.copytree(self.template, folder)
        self.tell("reset")
        signals = [self.night(folder, point) for point in [*deaths, *[""] * QUIET_NIGHTS]]
        return {"signals": signals, **self.left(folder)}

    def night(self, folder: Path, point: str) -> int:
        """One run in a process of its own; returns the signal that ended it, or 0."""
        self.now += timedelta(seconds=NIGHT_SECONDS)
        self.tell("clock", {"advance_seconds": NIGHT_SECONDS})
        child = os.fork()
        if child == 0:
            os.environ[VARIABLE] = point
            self.reconcile(folder)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise SystemExit(f"a run failed at {point or 'no point'} in {folder.name}")
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def reconcile(self, folder: Path) -> None:
        try:
            project = open_project(folder, clock=FakeClock(self.now), environment=self.environment)
            report = run.reconcile(project, choices=CHOICES)
            (folder / "changes").write_text(str(len(report.plan.changes)))
            (folder / "open").write_text(str(len(project.journal.open_intents())))
            (folder / "audit").write_text(str(project.journal.verify() or ""))
        except BaseException as error:  # noqa: BLE001 - the parent reads the exit code
            sys.stderr.write(f"{folder.name}: {error!r}\n")
            os._exit(70)
        os._exit(0)

    def left(self, folder: Path) -> dict[str, Any]:
        """What the vendors hold, and what the last night said."""
        state = {name: self.client.get(f"{url}/_sandbox/state").json() for name, url in self.urls.items()}
        booked = [one["Id"] for one in state["quickbooks"]["Invoice"].values() if one["DocNumber"] == "INV-9001"]
        (sold,) = state["stripe"]["invoice"].values()
        (deal,) = state["hubspot"]["deal"].values()
        said = {name: (folder / name).read_text() for name in ("changes", "open", "audit")}
        return {
            "invoices": len(booked),
            "linked": [sold["metadata"].get("quickbooks_id")] == booked,
            "deal": deal["properties"].get("quickbooks_invoice_number"),
            **said,
        }


def warm_up() -> None:
    """Imports once what every night would import anew."""
    for name in ("phonenumbers", "pycountry", "rapidfuzz", "ruamel.yaml"):
        import_module(name)
    for connector in ("stripe", "quickbooks", "hubspot"):
        connector_class(connector)


def main(template: Path, folder: Path, given: dict[str, Any]) -> None:
    warm_up()
    nights = Nights(template, folder, given)
    print(json.dumps({" ".join(deaths): nights.case(deaths) for deaths in given["cases"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
