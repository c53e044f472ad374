"""Records that a vendor merges: whoever was paired with the one follows to the other, and nobody is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.test_salesforce_nights import Desk
from connectors.test_xero_chain import QUIET, XeroOffice
from deeds import settled_office
from office import about
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def office() -> Iterator[XeroOffice]:
    with settled_office(XeroOffice) as found:
        yield found


def xero_id(office: XeroOffice, customer: dict[str, Any]) -> str:
    found: str = office.records("stripe", "customer")[customer["id"]]["metadata"]["xero_id"]
    return found


def test_a8_a_merged_contact_is_followed_and_new_invoices_go_to_the_one_it_became(office: XeroOffice) -> None:
    who = office.customers("usd")[0]
    kept = office.seed("xero", "Contact", {"Name": "O'Brien Holding"})["ContactID"]
    office.clock.advance(60)
    office.xero.merge(xero_id(office, who), kept)
    contacts = len(office.records("xero", "Contact"))
    office.clock.advance(3600)
    office.sell(deal=False)
    report = office.reconcile()
    assert (report.exit_code, about(report.findings, "gone")) == (0, [])
    (booked,) = office.invoices("INV-9001")
    assert booked["Contact"]["ContactID"] == kept
    assert (xero_id(office, who), len(office.records("xero", "Contact"))) == (kept, contacts)
    assert office.night() == QUIET


def test_a8_two_customers_of_one_merged_contact_are_left_to_a_person(office: XeroOffice) -> None:
    first, second = office.customers("usd")[:2]
    loser = xero_id(office, first)
    office.xero.merge(loser, xero_id(office, second))
    contacts = len(office.records("xero", "Contact"))
    office.clock.advance(3600)
    office.sell(deal=False)
    office.sell("INV-9002", customer=1, deal=False)
    dry = office.reconcile(dry_run=True)
    assert [one.name for one in about(dry.findings, "gone") if one.mapping == "customers"] == [first["name"]]
    (why,) = (one.hint for one in about(dry.findings, "blocked") if one.name == "INV-9001")
    assert f"({loser}), which is deleted in xero, or merged into another there" in why
    office.reconcile()
    assert (office.invoices("INV-9001"), len(office.invoices("INV-9002"))) == ([], 1)
    assert len(office.records("xero", "Contact")) == contacts


@pytest.mark.parametrize("merged", [True, False])
def test_c10_an_account_with_a_master_record_is_followed_and_one_without_is_only_reported(
    tmp_path: Path, clock: FakeClock, merged: bool
) -> None:
    desk = Desk(tmp_path, clock)
    desk.sell(1)
    desk.night()
    (account,) = desk.held("Account")
    winner = desk.salesforce.seed("Account", {"Name": "Acme Holding"})["Id"]
    desk.clock.advance(7_200)
    if merged:
        desk.salesforce.merge("Account", winner, account["Id"])
    else:
        desk.salesforce.delete("Account", account["Id"])
    desk.clock.advance(7_200)
    report = desk.night()
    assert len(desk.held("Account")) == 2
    assert len(about(report.findings, "gone")) == (0 if merged else 1)
    live = [one for one in desk.held("Account") if one["Id"] == winner]
    assert [one.get("Website") for one in live] == (["acme1.example"] if merged else [None])
    desk.project.close()
