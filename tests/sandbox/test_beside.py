"""The pretend vendors beside every stack, the ERP and the bank: served by name, seeded from the same company."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.house import alone
from conftest import ROOT
from syncctl.errors import UsageError
from syncctl.sandbox.clock import FakeClock, SandboxClock
from syncctl.sandbox.serve import Served, write_ready_file
from syncctl.sandbox.world import CREDENTIALS, SYSTEMS, plan_world
from syncctl.stack import BESIDE, USUAL, served_stack

SETTINGS = """\
systems:
  erp: {{connector: rest, file: erp.yaml, environment: sandbox, credential: env:E, base_url: {erp}/api}}
  plaid: {{connector: plaid, environment: sandbox, credential: env:P, company: {client}, base_url: {plaid}}}
books: {{time_zone: America/New_York}}
"""


def test_the_company_has_the_same_customers_in_the_erp_and_its_payouts_on_the_bank_account() -> None:
    world = plan_world(FakeClock(), scale=0.05)
    erp, bank = (world.vendor(name).state() for name in BESIDE)
    names = {customer.name for customer in world.company.customers}
    assert {record["name"] for record in erp["customer"].values()} == names
    arrived = sorted(-payout.amount for payout in world.company.payouts if payout.arrives <= world.company.now)
    assert sorted(record["amount"] for record in bank["transaction"].values()) == arrived
    assert len(arrived) > 3


def test_a_project_reads_both_over_real_connections_and_writes_nothing(tmp_path: Path) -> None:
    world = plan_world(SandboxClock(), scale=0)
    boxes = world.sandboxes(BESIDE)
    (tmp_path / "erp.yaml").write_text((ROOT / "systems" / "erp.yaml").read_text())
    (tmp_path / "mappings").mkdir()
    secrets = {"E": CREDENTIALS["erp"].token, "P": CREDENTIALS["plaid"].token}
    with Served(boxes, fresh=world.fresh(BESIDE)) as urls:
        client = CREDENTIALS["plaid"].company
        (tmp_path / "syncctl.yaml").write_text(SETTINGS.format(**urls, client=client))
        said = alone("--project", str(tmp_path), "doctor", "--json", environment=secrets)
        pulled = alone("--project", str(tmp_path), "pull", "erp", "plaid", environment=secrets)
        ready = tmp_path / "ready.json"
        write_ready_file(ready, urls)
        alone_in_file = alone("init", str(tmp_path / "books"), "--sandbox", str(ready))
    checks = {row["check"] for row in json.loads(said.out)["rows"] if row["state"] == "ok"}
    assert {"system erp", "system plaid"} <= checks, said.out
    assert pulled.code == 0, pulled.err
    assert alone_in_file.code == 0, alone_in_file.err
    assert [box.writes() for box in boxes.values()] == [[], []]
    asked = {entry["path"] for box in boxes.values() for entry in box.log}
    assert {"/transactions/sync", "/accounts/get", "/item/get", "/api/customers", "/api/orders"} <= asked


def test_they_are_in_no_stack_and_served_only_by_name() -> None:
    assert not set(BESIDE) & set(SYSTEMS)
    assert served_stack(["erp", "plaid"]) == USUAL
    assert served_stack(["erp", "xero"]).books == "xero"
    with pytest.raises(UsageError, match="erq"):
        served_stack(["erq"])
