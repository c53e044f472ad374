"""Several banks behind one credential: one that wants a sign-in keeps nobody else's money from being read."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from plaid_wired import Wired, ids

from syncctl import run
from syncctl.errors import AuthenticationFailed
from syncctl.model import Page, Ref
from syncctl.project import Project, open_project
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.plaid import PlaidSandbox

SETTINGS = """
ledger: ledger.db
mappings: mappings
systems:
  bank: {connector: plaid, environment: sandbox, credential: "env:BANK"}
books: {time_zone: UTC}
"""


def project(folder: Path, clock: FakeClock, vendor: PlaidSandbox) -> Project:
    (folder / "syncctl.yaml").write_text(SETTINGS)
    (folder / "mappings").mkdir()
    transports: dict[str, httpx.BaseTransport] = {"bank": SandboxTransport(Sandbox(vendor))}
    return open_project(folder, transports=transports, clock=clock, environment={"BANK": vendor.credential})


def test_a63_accounts_and_transactions_of_the_other_banks_are_read_before_the_run_ends_with_the_banks_name(
    tmp_path: Path, clock: FakeClock
) -> None:
    vendor = PlaidSandbox(clock, limits=False)
    second = vendor.add_item("Second Bank")
    bought = str(vendor.seed("transaction", {"item_id": second.item["item_id"]})["transaction_id"])
    first = next(iter(vendor.banks.values()))
    first.login_required = True
    opened = project(tmp_path, clock, vendor)
    with pytest.raises(AuthenticationFailed) as caught:
        run.pull(opened, ["bank"])
    assert caught.value.exit_code == 4
    assert f"({first.item['institution_name']}, item {first.item['item_id']})" in caught.value.message
    count = opened.records.count
    assert (count("bank", "account") > 0, count("bank", "transaction")) == (True, 1)
    assert opened.records.raw(Ref("bank", "transaction", bought)) is not None
    first.login_required = False
    rows = {row.kind: row.complete for row in run.pull(opened, ["bank"]).rows}
    assert rows == {"item": True, "account": True, "transaction": True}


def test_accounts_that_are_only_partly_read_are_no_complete_list(clock: FakeClock) -> None:
    wire = Wired(clock)
    second = wire.vendor.add_item("Second Bank")
    next(iter(wire.vendor.banks.values())).login_required = True
    pages: list[Page] = []
    with pytest.raises(AuthenticationFailed) as caught:
        pages.extend(wire.plaid.pull("account", None))
    assert caught.value.partial
    theirs = set(second.accounts)
    assert (set(ids(pages)), pages[-1].complete) == (theirs, False)
