"""SIGKILL at every failpoint of a push of three chained changes, with the real connectors over HTTP, and reruns."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from office import Office
from syncctl.failpoints import PUSH_POINTS
from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.serve import Served
from syncctl.sandbox.world import World

HERE = Path(__file__).resolve().parent
FIRST = [
    ["plan-opened", "before-read", "before-intent:1"],
    ["inside-intent:2"],
    ["after-intent:2"],
    ["after-send:1"],
    ["after-send:2"],
    ["inside-outcome:3"],
    ["after-outcome:1"],
    ["before-canary", "before-finish"],
]
"""A death a night. The number is the write: the invoice, its id into Stripe, its number into the deal."""
AGAIN = [
    ["after-intent:1", "after-unknown", "before-replay"],
    ["after-send:3", "before-probe"],
    ["after-intent:3", "after-probe", "before-next-generation"],
]
"""What a rerun does first, after a death in the middle of a send."""
ELSEWHERE = {"before-look"}
"""Needs a vendor that calls a name taken in the middle of a push: tests/test_push_kills.py has one."""
EMPTY: dict[str, Any] = dict.fromkeys(
    ("leads", "invoices", "payments", "refunds", "credit_notes", "movements", "payouts", "deals"), ()
)


@pytest.fixture(scope="module")
def cases() -> Iterator[dict[str, dict[str, Any]]]:
    """What was left, per case."""
    with TemporaryDirectory() as folder:
        yield nights(small_office(Path(folder)), Path(folder), FIRST + AGAIN)


def small_office(folder: Path) -> Office:
    """One customer, whom the ledger knows, and one new invoice of a deal: three writes."""
    (folder / "project").mkdir()
    office = Office(folder / "project")
    office.project.close()
    (folder / "project" / "ledger.db").unlink()
    company = office.world.company
    buyer = next(one for one in company.customers if one.currency == "USD")
    world = World(office.clock, replace(company, customers=(buyer,), **EMPTY), (), limits=False)
    office.sandboxes = {name: Sandbox(world.vendor(name)) for name in office.sandboxes}
    office.project = office.open()
    assert office.reconcile().plan.changes == ()
    office.project.close()
    office.clock.advance(3600)
    office.sell()
    return office


def nights(office: Office, folder: Path, wanted: list[list[str]]) -> dict[str, dict[str, Any]]:
    """Runs the cases in a process of their own, against these vendors."""
    kept = {id(office.clock): office.clock}
    seeded = {name: box.vendor for name, box in office.sandboxes.items()}
    fresh = {name: lambda one=one: copy.deepcopy(one, dict(kept)) for name, one in seeded.items()}
    start = office.clock.now().isoformat()
    settings = office.folder / "syncctl.yaml"
    with Served({name: Sandbox(one) for name, one in seeded.items()}, fresh=fresh) as urls:
        text = settings.read_text()
        for name, url in urls.items():
            text = text.replace(f"connector: {name},", f'connector: {name}, base_url: "{url}",')
        settings.write_text(text)
        given = {"urls": urls, "environment": office.environment, "start": start, "cases": wanted}
        script = [sys.executable, str(HERE / "kill_nights.py"), str(office.folder), str(folder), json.dumps(given)]
        ended = subprocess.run(script, capture_output=True, text=True, timeout=300, cwd=HERE, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, dict[str, Any]] = json.loads(ended.stdout)
    return found


def test_every_failpoint_is_among_the_cases() -> None:
    assert {point.partition(":")[0] for case in FIRST + AGAIN for point in case} == set(PUSH_POINTS) - ELSEWHERE


@pytest.mark.parametrize("deaths", FIRST + AGAIN, ids=" ".join)
def test_after_a_kill_and_reruns_there_is_exactly_one_record_each(
    cases: dict[str, dict[str, Any]], deaths: list[str]
) -> None:
    left = cases[" ".join(deaths)]
    assert left["signals"] == [9] * len(deaths) + [0, 0]
    assert (left["invoices"], left["linked"], left["deal"]) == (1, True, "INV-9001")
    assert (left["changes"], left["open"], left["audit"]) == ("0", "0", "")
