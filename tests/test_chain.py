"""The product's promise, end to end: Stripe to QuickBooks to HubSpot, in this order, once.

What holds over every stack of vendors stands in tests/test_stacks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deeds import settled_office, vendor
from office import Office, about
from syncctl import run
from syncctl.guards import amounts_moved


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def test_a_company_without_breaks_is_in_sync(tmp_path: Path) -> None:
    office = Office(tmp_path)
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, report.plan.changes, report.findings) == (0, (), ())
    assert writes == {"stripe": 0, "quickbooks": 0, "hubspot": 0}


def test_a_missing_invoice_is_created_once_and_only_then_the_deal_is_marked(office: Office) -> None:
    sold = office.sell()
    report = office.reconcile()
    assert report.exit_code == 0
    (booked,) = office.booked("INV-9001")
    assert booked["TotalAmt"] == "125.00"
    assert office.deal_of(sold)["quickbooks_invoice_number"] == "INV-9001"
    at = {name: next(entry["at"] for entry in office.writes(name)) for name in ("quickbooks", "hubspot")}
    assert at["quickbooks"] <= at["hubspot"]
    assert office.records("stripe", "invoice")[sold["id"]]["metadata"]["quickbooks_id"] == booked["Id"]


def test_a1_an_invoice_whose_answer_was_lost_is_found_again_and_counted_once(office: Office) -> None:
    office.sell()
    office.fault("quickbooks", fault="lost", method="POST", path="/invoice")
    office.reconcile()
    office.clock.advance(3600)
    office.reopen()
    assert office.reconcile().exit_code == 0
    assert office.struck()
    assert len(office.booked("INV-9001")) == 1


def test_a1_an_invoice_is_found_again_though_the_vendor_forgot_the_request_and_takes_any_number_twice(
    office: Office,
) -> None:
    """Neither the requestid nor the check for duplicate numbers helps here: only looking does."""
    vendor(office, "quickbooks").requestid_seconds = -1
    vendor(office, "quickbooks").set_rules(warn_duplicate_numbers=False)
    sold = office.sell()
    office.fault("quickbooks", fault="lost", method="POST", path="/invoice")
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, office.struck(), writes["quickbooks"]) == (0, True, 1)
    assert len(office.booked("INV-9001")) == 1
    assert office.deal_of(sold)["quickbooks_invoice_number"] == "INV-9001"


def test_c59_a_correction_that_the_books_do_not_take_is_not_told_the_crm(office: Office) -> None:
    """The right number is known before the write, so that nothing but the order holds the deal back."""
    sold = office.sell()
    assert office.reconcile().exit_code == 0
    office.clock.advance(3600)
    (booked,) = office.booked("INV-9001")
    office.amend("Invoice", booked, DocNumber="TYPO-1")
    deal = sold["metadata"]["hubspot_deal_id"]
    vendor(office, "hubspot").edit("deal", deal, {"quickbooks_invoice_number": "TYPO-1"})
    office.fault("quickbooks", fault="500 before", method="POST", path="/invoice", times=50)
    office.clock.advance(60)
    report, writes = office.count_writes(office.reconcile)
    assert [change.mapping for change in report.plan.changes] == ["invoices", "deals"]
    assert (report.exit_code, writes["hubspot"]) == (5, 0)
    assert office.deal_of(sold)["quickbooks_invoice_number"] == "TYPO-1"
    office.sandboxes["quickbooks"].faults.clear()
    office.clock.advance(600)
    assert run.resume(office.project, report.run.id).exit_code == 0
    assert len(office.booked("INV-9001")) == 1
    assert office.deal_of(sold)["quickbooks_invoice_number"] == "INV-9001"


def test_a_broken_company_ends_with_only_what_rightly_needs_a_person(tmp_path: Path) -> None:
    office = Office(tmp_path, broken=True)
    first = office.reconcile()
    assert first.applied is not None
    assert first.applied.counts["applied"] > 10
    office.clock.advance(3600)
    second, writes = office.count_writes(office.reconcile)
    assert writes == {"stripe": 0, "quickbooks": 0, "hubspot": 0}
    assert second.plan.changes == ()
    assert about(second.findings, "tie")
    assert second.exit_code == 2


def test_a_dry_run_writes_nothing_and_shows_the_whole_chain(office: Office) -> None:
    sold = office.sell()
    report, writes = office.count_writes(lambda: office.reconcile(dry_run=True))
    assert writes == {"stripe": 0, "quickbooks": 0, "hubspot": 0}
    assert report.exit_code == 2
    targets = [(change.action, change.target.system) for change in report.plan.changes]
    assert targets == [("create", "quickbooks"), ("update", "stripe"), ("update", "hubspot")]
    flowing_back = next(change for change in report.plan.changes if change.target.id == sold["id"])
    assert flowing_back.edits[0].shown[1] == "(known after apply)"
    deal = report.plan.changes[-1]
    assert "(known after apply)" in [edit.shown[1] for edit in deal.edits if edit.codec.startswith("money")]
    assert (str(deal.amount), [money.amount for money in amounts_moved(deal)]) == ("125 USD", [0])


def test_c45_c46_only_the_mapped_direction_is_written(office: Office) -> None:
    sold = office.sell()
    office.reconcile()
    deal = office.records("hubspot", "deal")[sold["metadata"]["hubspot_deal_id"]]
    office.seed("hubspot", "deal", {"id": deal["id"], "properties": {**deal["properties"], "amount": "999.00"}})
    office.clock.advance(7200)
    report = office.reconcile()
    assert [change.target.system for change in report.plan.changes] == ["hubspot"]
    assert office.booked("INV-9001")[0]["TotalAmt"] == "125.00"
