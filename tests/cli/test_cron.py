"""A night job as cron starts it: a real process without HOME, terminal or environment, any umask, a disk that fills."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import SandboxClock
from syncctl.sandbox.serve import Served, write_ready_file
from syncctl.sandbox.world import plan_world

PROGRAM = [sys.executable, "-c", "import sys; from syncctl.cli import main; sys.exit(main())"]
ANSWER = ("--yes", "--max-ratio", "100%", "--max-changes", "5000")
SLACK_BYTES = 4_096


@dataclass(frozen=True)
class Job:
    """A project over served vendors, and processes in it."""

    folder: Path
    boxes: dict[str, Sandbox]
    first: subprocess.CompletedProcess[bytes] | None = None

    def run(self, *words: str, before: Callable[[], object] | None = None) -> subprocess.CompletedProcess[bytes]:
        """One command line under `env -i`, from a folder that is not the project's."""
        return subprocess.run(
            [*PROGRAM, "--project", str(self.folder), *words],
            env={"PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            preexec_fn=before,
            timeout=120,
            check=False,
        )

    @property
    def writes(self) -> int:
        return sum(len(box.writes()) for box in self.boxes.values())


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    """Made by a process whose umask lets everybody read everything; pulled, and a plan kept."""
    place = tmp_path_factory.mktemp("cron")
    world = plan_world(SandboxClock(), scale=0.01, limits=False)
    boxes = world.sandboxes()
    with Served(boxes) as urls:
        write_ready_file(place / "ready.json", urls)
        made = Job(place / "books", boxes)
        done = subprocess.run(
            [*PROGRAM, "init", str(made.folder), "--sandbox", str(place / "ready.json")],
            env={"PATH": os.defpath},
            preexec_fn=lambda: os.umask(0),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        first = made.run("reconcile", "--max-ratio", "100%", "--max-changes", "5000", "--json", before=everybody)
        yield replace(made, first=first)


def everybody() -> None:
    os.umask(0)


def test_without_home_and_terminal_the_plan_is_kept_and_the_way_on_is_told(job: Job) -> None:
    done = job.first
    assert done is not None
    assert done.returncode == 6, done.stderr
    assert json.loads(done.stdout)["applied"] is None
    assert all(json.loads(line)["event"] for line in done.stderr.splitlines())


def test_whatever_the_umask_every_file_is_0600_and_every_folder_0700(job: Job) -> None:
    assert job.run("schema", "pull", before=everybody).returncode == 0
    assert job.run("plan", "--out", str(job.folder / "friday.plan"), before=everybody).returncode in (0, 2)
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in [job.folder, *job.folder.rglob("*")]}
    assert {"ledger.db", "limits", "schemas", "friday.plan", ".env", "syncctl.yaml"} <= {path.name for path in found}
    assert {str(path): oct(mode) for path, mode in found.items() if mode & 0o077} == {}


def test_a_disk_that_is_full_before_the_intent_sends_nothing_and_says_so(job: Job) -> None:
    ledger = job.folder / "ledger.db"
    size, before = ledger.stat().st_size, job.writes

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + SLACK_BYTES, size + SLACK_BYTES))

    done = job.run("reconcile", *ANSWER, before=full)
    assert done.returncode == 1
    assert job.writes == before
    said: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    assert "disk" in json.dumps(said), said
    assert job.run("ledger", "query", "SELECT 1 AS one", "--json").returncode == 0


def test_the_night_after_does_the_work(job: Job) -> None:
    before = job.writes
    done = job.run("reconcile", *ANSWER, "--json")
    assert done.returncode in (2, 5), done.stderr
    assert job.writes > before
