"""A project made from a ready file speaks to any stack of served pretend vendors, over real connections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.house import alone
from conftest import ROOT
from stacks import ALL, name_of
from syncctl.sandbox.clock import SandboxClock
from syncctl.sandbox.serve import Served, write_ready_file
from syncctl.sandbox.world import plan_world
from syncctl.stack import Stack


def test_init_sandbox_makes_a_project_in_which_doctor_finds_nothing(tmp_path: Path) -> None:
    stack = Stack("xero", "salesforce")
    world = plan_world(SandboxClock(), scale=0, stack=stack)
    ready, folder = tmp_path / "ready.json", tmp_path / "books"
    with Served(world.sandboxes(), fresh=world.fresh()) as urls:
        write_ready_file(ready, urls)
        assert alone("init", str(folder), "--sandbox", str(ready)).code == 0
        said = alone("--project", str(folder), "doctor", "--json")
        assert alone("--project", str(folder), "schema", "pull").code == 0
        assert alone("--project", str(folder), "schema", "check").code == 0
    assert said.code == 0, said.out
    checks = {row["check"] for row in json.loads(said.out)["rows"] if row["state"] == "ok"}
    assert {f"system {name}" for name in stack.systems} <= checks


@pytest.mark.parametrize("stack", ALL, ids=name_of)
def test_init_stack_writes_the_mappings_and_settings_of_that_stack(tmp_path: Path, stack: Stack) -> None:
    said = alone("init", str(tmp_path), "--stack", f"{stack.crm},{stack.books}")
    names = {path.stem for path in (tmp_path / "mappings").glob("*.yaml")}
    deals = "deals" if stack.crm == "hubspot" else "opportunities"
    assert said.code == 0
    assert {"customers", "products", "invoices", "payments", "refunds", "credit_memos", "contacts", deals} <= names
    settings = (tmp_path / "syncctl.yaml").read_text()
    for system in ("quickbooks", "xero", "hubspot", "salesforce"):
        assert (f"connector: {system}" in settings) is (system in stack.systems)
        mappings = "\n".join(path.read_text() for path in (tmp_path / "mappings").glob("*.yaml"))
        assert (f": {system}." in mappings) is (system in stack.systems)


def test_init_rest_adds_the_example_of_a_declared_system(tmp_path: Path) -> None:
    assert alone("init", str(tmp_path / "without")).code == 0
    assert not (tmp_path / "without" / "systems").exists()
    assert alone("init", str(tmp_path / "with"), "--rest").code == 0
    assert (tmp_path / "with" / "systems" / "erp.yaml").read_text() == (ROOT / "systems" / "erp.yaml").read_text()
