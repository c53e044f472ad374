"""Situations of accounting people, end to end: what the books must look like after the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deeds import NOTHING, bill, settled_office, vendor
from office import LIMITLESS, Office, about
from syncctl import run
from syncctl.errors import ConfigError, LockedError, StalePlanError
from syncctl.ledger.lock import locked
from syncctl.run.review import findings_accept
from syncctl.statement import foots


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def test_c16_a_missing_custom_field_stops_at_the_mapping_check_with_its_place(office: Office) -> None:
    office.edit("deals", "(Project ID), right: (Project ID)", "(Projct ID), right: (Project ID)")
    with pytest.raises(ConfigError) as caught:
        office.reconcile()
    assert caught.value.exit_code == 78
    (problem,) = caught.value.problems
    assert problem.where.startswith("mappings/deals.yaml:13:")
    assert "Projct ID" in problem.message
    assert "Project ID" in problem.hint


def test_a16_a_second_run_refuses_while_the_first_holds_the_ledger(office: Office) -> None:
    with locked(office.project.settings.ledger, "night-1", office.clock), pytest.raises(LockedError, match="night-1"):
        office.reconcile()


def test_a56_c43_a_row_that_a_person_edited_between_plan_and_apply_is_left_alone(office: Office) -> None:
    office.sell()
    office.reconcile()
    (booked,) = office.booked("INV-9001")
    office.amend("Invoice", booked, DueDate="2026-12-31")
    plan = office.plan()
    assert [change.target.id for change in plan.changes] == [booked["Id"]]
    office.amend("Invoice", booked, DueDate="2027-02-01")
    report = run.apply(office.project, plan, choices=LIMITLESS)
    assert [row.state for row in report.rows] == ["conflict"]
    assert report.exit_code == 5
    assert office.booked("INV-9001")[0]["DueDate"] == "2027-02-01"
    (again,) = office.reconcile(dry_run=True).plan.changes  # planned anew, from what stands there now
    assert [edit.shown[0] for edit in again.edits] == ["2027-02-01"]


def test_a15_what_quickbooks_adds_by_itself_is_no_difference(office: Office) -> None:
    office.sell()
    assert office.reconcile().exit_code == 0
    (booked,) = office.booked("INV-9001")
    details = [line["DetailType"] for line in booked["Line"]]
    assert details == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert booked["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "NON"
    office.clock.advance(3600)
    customer = office.records("quickbooks", "Customer")[booked["CustomerRef"]["value"]]
    office.amend("Invoice", booked)
    office.amend("Customer", customer, BillAddr={**customer["BillAddr"], "Lat": "INVALID", "Long": "INVALID"})
    report, writes = office.count_writes(office.reconcile)
    assert report.pulled.changed >= 2
    assert (report.exit_code, report.plan.changes, report.findings, writes) == (0, (), (), NOTHING)


def test_a56_a_payment_that_bumped_the_sync_token_does_not_stop_the_write(office: Office) -> None:
    office.sell()
    office.reconcile()
    (booked,) = office.booked("INV-9001")
    office.amend("Invoice", booked, DueDate="2026-12-31")
    plan = office.plan()
    office.amend("Invoice", booked, DueDate="2026-12-31", PrivateNote="called")
    report = run.apply(office.project, plan, choices=LIMITLESS)
    assert [row.state for row in report.rows] == ["applied"]
    assert office.booked("INV-9001")[0]["DueDate"] == booked["DueDate"]
    assert office.booked("INV-9001")[0]["PrivateNote"] == "called"


def test_c44_a_plan_of_yesterday_is_refused(office: Office) -> None:
    office.sell()
    plan = office.plan()
    office.clock.advance(25 * 3600)
    with pytest.raises(StalePlanError):
        run.apply(office.project, plan, choices=LIMITLESS)
    assert office.booked("INV-9001") == []


def test_an_applied_plan_is_not_applied_again(office: Office) -> None:
    office.sell()
    plan = office.plan()
    run.apply(office.project, plan, choices=LIMITLESS)
    with pytest.raises(StalePlanError):
        run.apply(office.project, plan, choices=LIMITLESS)
    assert len(office.booked("INV-9001")) == 1


def test_a20_amounts_are_exact_all_the_way(office: Office) -> None:
    """0.1 + 0.2, an amount that a double cannot tell from its neighbour, and a deal that keeps a float's tail."""
    who, deal = office.customers("usd")[0], office.deal(30)
    sold = bill(office, who, "INV-9001", ("Tenth", 10), ("Fifth", 20), metadata={"hubspot_deal_id": deal["id"]})
    bill(office, who, "INV-9002", ("Planet", 9_007_199_254_740_993))
    assert office.reconcile().exit_code == 0
    (small,), (great,) = office.booked("INV-9001"), office.booked("INV-9002")
    assert (small["TotalAmt"], great["TotalAmt"]) == ("0.30", "90071992547409.93")
    assert office.deal_of(sold)["amount"] == "0.30"
    vendor(office, "hubspot").edit(
        "deal", deal["id"], {"amount": "0.3000000000000000444089209850062616169452667236328125"}
    )
    office.clock.advance(60)
    report, writes = office.count_writes(office.reconcile)
    assert report.pulled.changed >= 1
    assert (report.plan.changes, writes) == ((), NOTHING)


def test_an_accepted_finding_stays_quiet_until_it_changes(tmp_path: Path) -> None:
    office = Office(tmp_path, broken=True)
    office.reconcile()
    finding = about(office.reconcile().findings, "missing")[0]
    findings_accept(office.project, finding.number, "written by hand, see the folder")
    again = office.reconcile()
    assert [one.accepted for one in again.findings if one.number == finding.number] == [True]
    assert finding.right is not None
    held = office.records("quickbooks", "Invoice")[finding.right.id]
    office.clock.advance(3600)
    office.amend("Invoice", held, DocNumber="BY-HAND-7")
    changed = office.reconcile()
    assert [one.accepted for one in changed.findings if one.right == finding.right] == [False]


def test_the_statement_foots_to_the_cent_on_the_broken_company(tmp_path: Path) -> None:
    statement = Office(tmp_path, broken=True).reconcile(dry_run=True).statement
    assert any(line.parts for line in statement)
    assert all(foots(line) for line in statement)


def test_an_older_plan_is_refused_once_another_was_applied_and_nothing_is_written_twice(office: Office) -> None:
    office.sell()
    older = office.plan()
    newer = run.plan(office.project)
    run.apply(office.project, newer, choices=LIMITLESS)
    with pytest.raises(StalePlanError, match="another plan applied"):
        run.apply(office.project, older, choices=LIMITLESS)
    assert len(office.booked("INV-9001")) == 1


def test_a_second_document_with_our_marker_is_a_finding_even_where_unmatched_ones_are_ignored(office: Office) -> None:
    office.reconcile()
    receipts = office.records("quickbooks", "RefundReceipt")
    marked = next(one for one in receipts.values() if "syncctl " in one.get("PrivateNote", ""))
    twin = {key: value for key, value in marked.items() if key not in ("Id", "DocNumber", "MetaData", "SyncToken")}
    office.clock.advance(3600)
    office.seed("quickbooks", "RefundReceipt", twin)
    report = office.reconcile()
    (finding,) = about(report.findings, "duplicate")
    assert f"quickbooks:RefundReceipt:{marked['Id']}" in finding.hint
    assert report.exit_code == 2


def test_a_note_that_only_looks_like_our_marker_disturbs_nothing(office: Office) -> None:
    office.reconcile()
    receipt = next(iter(office.records("quickbooks", "RefundReceipt").values()))
    twin = {key: value for key, value in receipt.items() if key not in ("Id", "DocNumber", "MetaData", "SyncToken")}
    office.clock.advance(3600)
    office.seed("quickbooks", "RefundReceipt", {**twin, "PrivateNote": "syncctl ::::: and syncctl a:b:c"})
    assert about(office.reconcile().findings, "duplicate") == []


def test_planning_before_any_pull_says_what_to_do(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with pytest.raises(ConfigError, match="never pulled") as caught:
        run.plan(office.project)
    assert "syncctl pull" in caught.value.fix
