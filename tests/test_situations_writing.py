"""Refusals, limits and lost answers, end to end: what is sent again, what never is, and what a person is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deeds import NOTHING, hints, in_books, join, pay, quiet_hour, settled_office, vendor
from office import LIMITLESS, Office
from syncctl import run
from syncctl.errors import AuthenticationFailed, LimitReached
from syncctl.sandbox.hubspot.limits import DAILY


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def sent(office: Office, system: str, path: str, since: int = 0) -> list[int]:
    """The status of every write to a path, in order."""
    return [entry["status"] for entry in office.writes(system)[since:] if path in entry["path"]]


def sales(office: Office, count: int) -> list[dict[str, Any]]:
    return [office.sell(f"INV-9{place:03}", cents=1_000 + place) for place in range(count)]


def test_a59_an_inactive_item_is_named_and_only_its_row_is_held(office: Office) -> None:
    sold = office.sell()
    office.reconcile()
    office.clock.advance(3600)
    (booked,) = office.booked(sold["number"])
    line = next(one for one in booked["Line"] if one["DetailType"] == "SalesItemLineDetail")
    item = office.records("quickbooks", "Item")[line["SalesItemLineDetail"]["ItemRef"]["value"]]
    head = {"Id": item["Id"], "SyncToken": item["SyncToken"], "sparse": True}
    bad = office.sell("INV-9002")
    free = join(office, "Free Rider")
    plan = office.plan()
    in_books(office, "Item", {**head, "Active": False})
    report = run.apply(office.project, plan, choices=LIMITLESS)
    assert report.exit_code == 5
    states = {(row.change.mapping, str(row.change.action)): row for row in report.rows}
    refused = states["invoices", "create"]
    assert str(refused.state) == "rejected"
    assert f"Item “{item['Name']}” ({item['Id']}) is inactive" in refused.message
    assert str(states["deals", "update"].state) == "held"
    assert office.records("stripe", "customer")[free["id"]]["metadata"]["quickbooks_id"]
    office.clock.advance(3600)
    known = office.reconcile(dry_run=True)
    held_by = (
        f"it needs Item {item['Name']} ({item['Id']}), which is archived in quickbooks: make it active again there"
    )
    assert held_by in hints(known.findings)
    assert (quiet_hour(office), office.booked("INV-9002")) == (NOTHING, [])
    held = office.records("quickbooks", "Item")[item["Id"]]
    in_books(office, "Item", {**head, "SyncToken": held["SyncToken"], "Active": True})
    office.clock.advance(60)
    again = office.reconcile()
    assert bad["number"] in {change.name for change in again.plan.changes}
    assert len(office.booked("INV-9002")) == 1


def test_a65_of_thirty_three_are_refused_and_a_rerun_sends_only_those(office: Office) -> None:
    names = [f"Firm number {place:02}" for place in range(30)]
    people = [join(office, name) for name in names]
    plan = office.plan()
    taken = [in_books(office, "Vendor", {"DisplayName": name}) for name in names[3:27:11]]
    assert len(taken) == 3
    report = run.apply(office.project, plan, choices=LIMITLESS)
    customers = [row for row in report.rows if row.change.action == "create"]
    refused = {row.change.name: row for row in customers if str(row.state) == "rejected"}
    assert sorted(refused) == [supplier["DisplayName"] for supplier in taken]
    assert all(row.code == "6240" for row in refused.values())
    assert sum(str(row.state) == "applied" for row in customers) == 27
    office.clock.advance(3600)
    waiting, writes = office.count_writes(office.reconcile)
    assert (writes, len(hints(waiting.findings))) == (NOTHING, 3)
    for supplier in taken:
        in_books(office, "Vendor", {**supplier, "DisplayName": f"{supplier['DisplayName']} (supplier)"})
    office.clock.advance(3600)
    again = office.reconcile()
    made = [change.name for change in again.plan.changes if change.action == "create"]
    assert (again.exit_code, sorted(made)) == (0, sorted(refused))
    held = office.records("stripe", "customer")
    assert all(held[one["id"]]["metadata"].get("quickbooks_id") for one in people)
    assert quiet_hour(office) == NOTHING


def test_a67_a_token_in_an_error_is_nowhere_in_the_ledger_or_in_what_is_said(office: Office) -> None:
    office.sell()
    plan = office.plan()
    token = office.credentials["quickbooks"].token
    books = vendor(office, "quickbooks")

    def expire() -> bool:
        books.token = "the next one"
        return False

    report = run.apply(office.project, plan, choices=LIMITLESS, stop=expire)
    assert report.exit_code == 4
    assert any("expired" in row.message for row in report.rows)
    with pytest.raises(AuthenticationFailed) as caught:
        office.reconcile()
    said = f"{report} {caught.value} {caught.value.exchange}"
    assert token not in said
    assert "[redacted]" in said
    office.project.close()
    assert all(token.encode() not in path.read_bytes() for path in office.folder.iterdir() if path.is_file())


def test_c52_a_rolling_limit_is_waited_for_and_nothing_is_sent_twice(office: Office) -> None:
    sold = sales(office, 2)
    office.fault("hubspot", fault="429", method="POST", path="/batch/update", times=1)
    before = office.clock.slept
    assert office.reconcile().exit_code == 0
    assert office.clock.slept - before >= 10
    assert sent(office, "hubspot", "/batch/update") == [429, 200]
    assert [office.deal_of(one)["quickbooks_invoice_number"] for one in sold] == [one["number"] for one in sold]
    assert quiet_hour(office) == NOTHING


def test_c52_a_daily_limit_ends_the_run_with_75_and_the_next_day_sends_only_the_rest(office: Office) -> None:
    sold = sales(office, 2)
    vendor(office, "hubspot").limit_policy = DAILY
    office.fault("hubspot", fault="429", method="POST", path="/batch/update", times=9)
    report = office.reconcile()
    assert (report.exit_code, sent(office, "hubspot", "/batch/update")) == (75, [429])  # asked once, not waited for
    assert [len(office.booked(one["number"])) for one in sold] == [1, 1]
    assert report.applied is not None
    assert {row.stop for row in report.applied.rows if row.change.mapping == "deals"} == {"limit"}
    office.sandboxes["hubspot"].faults.clear()
    office.clock.advance(12 * 3600)
    office.reopen()
    resumed, writes = office.count_writes(lambda: run.resume(office.project, report.run.id))
    assert (resumed.exit_code, writes) == (0, {"stripe": 0, "quickbooks": 0, "hubspot": 1})
    assert [office.deal_of(one)["quickbooks_invoice_number"] for one in sold] == [one["number"] for one in sold]
    assert quiet_hour(office) == NOTHING


def test_c52_a_daily_limit_while_pulling_ends_with_75_and_goes_on_where_it_stopped(office: Office) -> None:
    vendor(office, "hubspot").limit_policy = DAILY
    office.fault("hubspot", fault="429", path="/deals", times=9)
    with pytest.raises(LimitReached) as caught:
        office.reconcile()
    assert caught.value.exit_code == 75
    assert [entry["status"] for entry in office.sandboxes["hubspot"].log].count(429) == 1
    office.sandboxes["hubspot"].faults.clear()
    office.clock.advance(24 * 3600)
    office.reopen()
    assert office.reconcile().exit_code == 0


def test_c55_c20_three_bad_rows_of_a_batch_are_reported_and_the_others_applied(office: Office) -> None:
    """The account demands a next step for won deals: the three whose invoice is paid have none."""
    rule = {"property": "hs_next_step", "when": {"dealstage": "closedwon"}}
    office.seed("hubspot", "rule:deal", rule)
    sold = sales(office, 7)
    for one in sold[:3]:
        pay(office, (one, one["total"]))
    report = office.reconcile()
    assert report.applied is not None
    deals = [row for row in report.applied.rows if row.change.mapping == "deals"]
    refused = [row for row in deals if str(row.state) == "rejected"]
    assert (report.exit_code, len(deals), len(refused)) == (5, 7, 3)
    assert all(row.code == "REQUIRED_PROPERTY" and "hs_next_step" in row.message for row in refused)
    assert [len(office.booked(one["number"])) for one in sold] == [1] * 7  # the invoices do not wait for the CRM
    assert quiet_hour(office) == NOTHING
    for one in sold[:3]:
        vendor(office, "hubspot").edit("deal", one["metadata"]["hubspot_deal_id"], {"hs_next_step": "thank them"})
    office.clock.advance(60)
    again = office.reconcile()
    assert (again.exit_code, len(again.plan.changes)) == (0, 3)
    assert all(office.deal_of(one)["quickbooks_invoice_number"] == one["number"] for one in sold)


def test_c58_a_large_update_without_an_answer_is_looked_up_before_anything_is_sent_again(office: Office) -> None:
    sold = sales(office, 7)
    office.fault("hubspot", fault="lost", method="POST", path="/batch/update")
    report = office.reconcile()
    assert (report.exit_code, office.struck()) == (0, True)
    assert len(sent(office, "hubspot", "/batch/update")) == 1
    assert [office.deal_of(one)["quickbooks_invoice_number"] for one in sold] == [one["number"] for one in sold]
    assert quiet_hour(office) == NOTHING
