"""The small companies of the kill matrix: one per sort of write, served, and their nights in a process of their own."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from office import Office
from syncctl.sandbox.base import Sandbox, SandboxRequest
from syncctl.sandbox.serve import Served
from syncctl.sandbox.world import World

HERE = Path(__file__).resolve().parent
EMPTY: dict[str, Any] = dict.fromkeys(
    ("leads", "invoices", "payments", "refunds", "credit_notes", "movements", "payouts", "deals"), ()
)
CONTACT_FIELDS = """fields:
  - {left: email, right: email, owner: right, as: email}
"""
"""Without an e-mail address there is no contact to find again."""
UNDO_AFTER_SECONDS = 3_600
Lives = dict[str, dict[str, Any]]
"""What was left, per case; the case without deaths is ""."""


def settled_office(folder: Path) -> Office:
    """One customer, whom the ledger knows, and nothing to do."""
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
    office.clock.advance(UNDO_AFTER_SECONDS)
    return office


def chain(office: Office) -> str:
    """A new invoice of a deal: it is booked, its id goes into Stripe, its number into the deal."""
    office.sell()
    return ""


def create(office: Office) -> str:
    """A customer whom the books do not know."""
    _join(office)
    return ""


def update(office: Office) -> str:
    """A customer of the books has another phone number."""
    (known,) = office.records("stripe", "customer").values()
    vendor = office.sandboxes["stripe"].vendor
    headers = {
        "authorization": f"Bearer {office.environment['STRIPE']}",
        "content-type": "application/x-www-form-urlencoded",
    }
    address = f"/v1/customers/{known['id']}"
    answer = vendor.handle(SandboxRequest("POST", address, (), headers, b"phone=%2B14155550142"))
    assert answer.status == 200, answer.body
    return ""


def upsert(office: Office) -> str:
    """A customer whom the CRM does not know either, where the mapping creates contacts."""
    path = office.folder / "mappings" / "contacts.yaml"
    text = path.read_text().replace("create: none", "create: left").replace("right: ignore}", "right: report}")
    path.write_text(text.replace("fields:\n", CONTACT_FIELDS))
    _join(office)
    return ""


def batch(office: Office) -> str:
    """Three invoices of three deals: each system gets several rows."""
    for number in (1, 2, 3):
        office.sell(f"INV-900{number}", cents=12_500 + 100 * number)
    return ""


def undo(office: Office) -> str:
    """The chain, written and to be taken back: returns the run."""
    office.sell()
    office.reopen()
    applied = office.reconcile()
    office.project.close()
    office.clock.advance(UNDO_AFTER_SECONDS)
    return applied.run.id


WORLDS: dict[str, Callable[[Office], str]] = {one.__name__: one for one in (create, update, upsert, batch, chain, undo)}


def _join(office: Office) -> None:
    body = {"name": "Alder Works", "email": "office@alder.example", "currency": "usd", "phone": "+14155550177"}
    office.seed("stripe", "customer", body)


def lives(world: str, folder: Path, wanted: list[list[str]]) -> Lives:
    """Runs the cases of one world: deaths at these points, a night each, then nights that mend."""
    office = settled_office(folder)
    taken_back = WORLDS[world](office)
    kept = {id(office.clock): office.clock}
    seeded = {name: box.vendor for name, box in office.sandboxes.items()}
    fresh = {name: lambda one=one: copy.deepcopy(one, dict(kept)) for name, one in seeded.items()}
    settings = office.folder / "syncctl.yaml"
    with Served({name: Sandbox(one) for name, one in seeded.items()}, fresh=fresh) as urls:
        text = settings.read_text()
        for name, url in urls.items():
            text = text.replace(f"connector: {name},", f'connector: {name}, base_url: "{url}",')
        settings.write_text(text)
        start = office.clock.now().isoformat()
        given = {"urls": urls, "environment": office.environment, "start": start, "undo": taken_back, "cases": wanted}
        script = [sys.executable, str(HERE / "kill_nights.py"), str(office.folder), str(folder), json.dumps(given)]
        ended = subprocess.run(script, capture_output=True, text=True, timeout=600, cwd=HERE, check=False)
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr)
    found: Lives = json.loads(ended.stdout)
    return found
