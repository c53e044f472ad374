"""What an undo leaves alone, and says so; what a crash or a lost answer does to it; and the end of a hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deeds import pay, settled_office, vendor
from office import LIMITLESS, Office
from stacks import StackOffice
from syncctl import run
from syncctl.errors import UsageError
from syncctl.guards import amounts_moved
from syncctl.ledger.states import State
from syncctl.mapping.language import Guards
from syncctl.model import Action, Ref
from syncctl.run import Choices, ReconcileReport
from syncctl.run.history import runs_list
from syncctl.run.releasing import match_release
from syncctl.run.review import match_decide, match_list
from syncctl.run.settling import retry_run
from syncctl.stack import Stack

NUMBER = "INV-9001"


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def sold_and_booked(office: Office) -> tuple[dict[str, Any], ReconcileReport]:
    """A Stripe invoice, booked and told the CRM an hour ago."""
    sold = office.sell(NUMBER)
    applied = office.reconcile()
    assert applied.exit_code == 0
    office.clock.advance(3600)
    return sold, applied


def undo(office: Office, applied: ReconcileReport, **words: Any) -> ReconcileReport:
    return run.undo(office.project, applied.run.id, **words)


def booked(office: Office) -> dict[str, Any]:
    (found,) = office.booked(NUMBER)
    return found


def why(report: ReconcileReport) -> list[str]:
    """Why rows stay, in the order they were looked at."""
    return [one.hint.removeprefix("cannot be undone: ") for one in report.findings]


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(office: Office) -> None:
    _, applied = sold_and_booked(office)
    report, writes = office.count_writes(lambda: undo(office, applied, dry_run=True))
    assert (report.exit_code, set(writes.values()), len(report.plan.changes)) == (2, {0}, 3)
    assert [change.final for change in report.plan.changes if change.action is Action.VOID] == [
        "quickbooks cannot make a void Invoice valid again"
    ]
    assert not booked(office)["PrivateNote"].startswith("Voided")


def test_what_a_person_changed_since_stays_and_so_does_what_it_rests_on(office: Office) -> None:
    sold, applied = sold_and_booked(office)
    deal = office.records("hubspot", "deal")[sold["metadata"]["hubspot_deal_id"]]
    office.seed("hubspot", "deal", {**deal, "properties": {**deal["properties"], "dealstage": "closedlost"}})
    report, writes = office.count_writes(lambda: undo(office, applied))
    assert (report.exit_code, report.plan.changes, set(writes.values())) == (5, (), {0})
    deal_stays = "dealstage changed since; what stands there now stays"
    assert why(report) == [
        deal_stays,
        "it tells of INV-9001, which stays",
        f"it waits for Consulting in hubspot, which stays: {deal_stays}",
    ]
    assert not booked(office)["PrivateNote"].startswith("Voided")


def test_a_document_that_a_person_changed_since_is_not_voided(office: Office) -> None:
    _, applied = sold_and_booked(office)
    office.amend("Invoice", booked(office), DueDate="2027-01-31")
    report = undo(office, applied)
    assert report.exit_code == 5
    assert "DueDate changed since; what stands there now stays" in why(report)


def test_a50_a_document_in_a_period_that_was_closed_since_is_not_voided(office: Office) -> None:
    _, applied = sold_and_booked(office)
    vendor(office, "quickbooks").set_rules(book_close_date=office.clock.now().date().isoformat())
    report = undo(office, applied)
    assert report.exit_code == 5
    assert "the books are closed to 2026-11-20 in quickbooks, and this is dated 2026-11-19" in why(report)[-1]


def test_an_invoice_that_somebody_paid_since_is_not_voided(office: Office) -> None:
    sold, applied = sold_and_booked(office)
    pay(office, (sold, 12_500))
    paid = office.reconcile()
    assert [change.target.kind for change in paid.plan.changes if change.action is Action.CREATE] == ["Payment"]
    office.clock.advance(3600)
    report = undo(office, applied)
    assert report.exit_code == 5
    assert [hint for hint in why(report) if hint.startswith("125.00 of 125.00 USD is paid on it by ")]
    assert [hint for hint in why(report) if hint.endswith(f"run {paid.run.id} wrote it, undo that run first")]


def test_a_payment_is_taken_back_before_the_invoice_it_pays(office: Office) -> None:
    sold = office.sell(NUMBER)
    pay(office, (sold, 12_500))
    applied = office.reconcile()
    office.clock.advance(3600)
    report = undo(office, applied)
    voids = [change.target.kind for change in report.plan.changes if change.action is Action.VOID]
    assert (report.exit_code, voids, why(report)) == (0, ["Payment", "Invoice"], [])
    assert booked(office)["PrivateNote"].startswith("Voided")
    office.clock.advance(86_400)
    later = office.reconcile()
    assert (later.exit_code, later.plan.changes) == (0, ())


def test_an_undo_whose_answer_is_lost_is_found_out_and_voids_once(office: Office) -> None:
    _, applied = sold_and_booked(office)
    office.fault("quickbooks", fault="lost", method="POST", path="/invoice")
    report = undo(office, applied)
    assert (report.exit_code, office.struck()) == (0, True)
    assert booked(office)["PrivateNote"].startswith("Voided")


def test_what_an_undo_left_unsent_is_taken_back_by_a_resume(office: Office) -> None:
    _, applied = sold_and_booked(office)
    office.fault("quickbooks", fault="500 before", method="POST", path="/invoice", times=50)
    report = undo(office, applied)
    assert report.exit_code == 5
    office.sandboxes["quickbooks"].faults.clear()
    office.clock.advance(600)
    assert run.resume(office.project, report.run.id).exit_code == 0
    assert booked(office)["PrivateNote"].startswith("Voided")
    office.clock.advance(3600)
    assert office.reconcile().plan.changes == ()


def test_a_second_undo_has_nothing_to_do(office: Office) -> None:
    _, applied = sold_and_booked(office)
    first = undo(office, applied)
    with pytest.raises(UsageError, match=f"is left to undo: run {first.run.id} took it back"):
        undo(office, applied)


def test_what_a_person_took_back_by_hand_is_on_hold_too(office: Office) -> None:
    sold, applied = sold_and_booked(office)
    identity = sold["metadata"]["hubspot_deal_id"]
    deal = office.records("hubspot", "deal")[identity]
    fields = {"dealstage": "contractsent", "closedate": "", "open_balance": "", "quickbooks_invoice_number": ""}
    office.seed("hubspot", "deal", {**deal, "properties": {**deal["properties"], **fields}})
    report, writes = office.count_writes(lambda: undo(office, applied))
    assert (report.exit_code, writes) == (0, {"stripe": 1, "quickbooks": 1, "hubspot": 0})
    assert Ref("hubspot", "deal", identity) in office.project.books.holds.holders()
    office.clock.advance(3600)
    assert office.reconcile().plan.changes == ()


def test_an_undo_that_is_undone_writes_the_fields_again_and_leaves_no_hold(office: Office) -> None:
    sold_and_booked(office)
    due = booked(office)["DueDate"]
    office.amend("Invoice", booked(office), DueDate="2027-01-31")
    applied = office.reconcile()
    (change,) = applied.plan.changes
    office.clock.advance(3600)
    taken_back = undo(office, applied)
    assert (taken_back.exit_code, booked(office)["DueDate"]) == (0, "2027-01-31")
    assert change.target in office.project.books.holds.holders()
    office.clock.advance(3600)
    again = undo(office, taken_back)
    assert (again.exit_code, booked(office)["DueDate"]) == (0, due)
    assert office.project.books.holds.holders() == {}
    office.clock.advance(3600)
    assert office.reconcile().plan.changes == ()


def test_a_pair_on_hold_is_listed_until_it_is_released_by_its_name_and_then_open_again(office: Office) -> None:
    sold, _ = sold_and_booked(office)
    office.amend("Invoice", booked(office), DueDate="2027-01-31")
    undo(office, office.reconcile())
    held = [("invoices", "on hold"), ("deals", "on hold")]
    assert [(row.mapping, row.decided_by) for row in match_list(office.project, proposed=True)] == held
    deal = Ref("hubspot", "deal", sold["metadata"]["hubspot_deal_id"])
    invoice = Ref("quickbooks", "Invoice", booked(office)["Id"])
    other = next(one for one in office.records("hubspot", "deal") if one != deal.id)
    with pytest.raises(UsageError, match="are no pair in deals") as slip:
        match_release(office.project, "deals", invoice, replace(deal, id=other))
    assert slip.value.fix == f"{invoice} is paired with {deal}: syncctl match release deals {invoice} {deal}"
    assert office.project.books.holds.holders().keys() == {invoice}
    # A record is on hold in every mapping: what else is free with the pair is said.
    was = match_release(office.project, "deals", invoice, deal)
    assert [(one.mapping, one.verdict) for one in was] == held[::-1]
    assert match_list(office.project, proposed=True) == ()
    told = "SELECT json_extract(body, '$.mapping', '$.right') FROM audit WHERE event = 'hold.released'"
    assert office.project.engine.db.execute(told).fetchall() == [(json.dumps(["deals", str(deal)]).replace(" ", ""),)]
    office.clock.advance(3600)
    (change,) = office.reconcile(dry_run=True).plan.changes
    assert [edit.field for edit in change.edits] == ["DueDate"]


def test_rows_that_were_refused_are_released_together(office: Office) -> None:
    office.sell(NUMBER)
    made = office.plan()
    vendor(office, "quickbooks").set_rules(book_close_date=office.clock.now().date().isoformat())
    earlier = run.apply(office.project, made, choices=LIMITLESS).run.id
    vendor(office, "quickbooks").set_rules(book_close_date=None)
    released = retry_run(office.project, earlier)
    assert [(one.change.name, one.state) for one in released] == [(NUMBER, State.LAPSED)]
    assert runs_list(office.project)[0].run.command == f"runs retry {earlier}"
    with pytest.raises(UsageError, match="has no refused write"):
        retry_run(office.project, earlier)
    assert [change.name for change in office.reconcile(dry_run=True).plan.changes if change.target.kind == "Invoice"]


def test_a_plan_that_nobody_confirmed_is_applied_later_and_holds_its_records_like_any_undo(office: Office) -> None:
    _, applied = sold_and_booked(office)
    asked = undo(office, applied, confirm=lambda _plan: False)
    assert (asked.exit_code, office.project.books.holds.holders()) == (6, {})
    assert run.apply(office.project, asked.plan, choices=LIMITLESS).exit_code == 0
    assert booked(office)["PrivateNote"].startswith("Voided")
    office.clock.advance(86_400)
    assert office.reconcile().plan.changes == ()


def test_a_guard_holds_an_undo_like_any_plan_and_counts_amounts_where_there_was_none_before(office: Office) -> None:
    deal = office.sell(NUMBER)["metadata"]["hubspot_deal_id"]
    office.seed("hubspot", "deal", {"id": deal, "properties": {"amount": ""}})
    applied = office.reconcile()
    few = Choices(overrides=Guards(max_changes=1))
    report, writes = office.count_writes(lambda: undo(office, applied, choices=few))
    assert (report.exit_code, set(writes.values())) == (6, {0})
    assert [list(map(str, amounts_moved(change))) for change in report.plan.changes] == [
        ["125 USD"],  # the deal has no amount again
        ["0 USD"],
        ["125 USD"],
    ]


def test_a_customer_whom_somebody_invoiced_since_stays(office: Office) -> None:
    person = office.seed("stripe", "customer", {"name": "Quarry Ltd", "email": "q@quarry.example", "currency": "usd"})
    applied = office.reconcile()
    (made,) = [row.ref for row in applied.applied.rows if row.change.action is Action.CREATE]  # type: ignore[union-attr]
    assert made is not None
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "5"}}}
    office.seed("quickbooks", "Invoice", {"CustomerRef": {"value": made.id}, "DocNumber": "BY-HAND", "Line": [line]})
    office.clock.advance(3600)
    report = undo(office, applied)
    assert report.exit_code == 5
    assert [
        hint for hint in why(report) if hint.startswith("in quickbooks it is named by BY-HAND (quickbooks:Invoice:")
    ]
    assert office.records("stripe", "customer")[person["id"]]["metadata"]["quickbooks_id"] == made.id
    assert office.records("quickbooks", "Customer")[made.id]["Active"] is True


def test_a_payment_is_not_taken_back_while_it_is_reconciled_with_the_bank(tmp_path: Path) -> None:
    office = StackOffice(tmp_path, Stack("xero", "hubspot"))
    sold = office.sell(NUMBER)
    pay(office, (sold, 12_500))
    applied = office.reconcile()
    (payment,) = [row.ref for row in applied.applied.rows if row.change.target.kind == "Payment"]  # type: ignore[union-attr]
    assert payment is not None
    office.clock.advance(3600)
    vendor(office, "xero").edit("Payment", payment.id, IsReconciled=True)
    report = undo(office, applied)
    assert report.exit_code == 5
    assert "it is reconciled with the bank in Xero: take that back there first" in why(report)
    assert office.records("xero", "Payment")[payment.id]["Status"] == "AUTHORISED"
    vendor(office, "xero").edit("Payment", payment.id, IsReconciled=False)
    office.clock.advance(3600)
    again = undo(office, applied)  # that the invoice lists its payment is nothing in the way
    assert (again.exit_code, why(again)) == (0, [])
    assert office.records("xero", "Payment")[payment.id]["Status"] == "DELETED"
    assert booked(office)["Status"] == "VOIDED"
    office.project.close()


def test_a_document_is_booked_anew_once_its_hold_is_released_and_the_void_one_is_no_partner(office: Office) -> None:
    sold, applied = sold_and_booked(office)
    undo(office, applied)
    left, right = Ref("stripe", "invoice", sold["id"]), Ref("quickbooks", "Invoice", booked(office)["Id"])
    match_release(office.project, "invoices", left, right)
    (gone,) = [one for one in run.diff(office.project).findings if (one.left, one.right) == (left, right)]
    assert gone.hint.endswith("a new one made: say that the two are no pair (`syncctl match reject invoices …`)")
    match_decide(office.project, "invoices", left, right, "reject")
    office.amend("Invoice", booked(office), DocNumber="INV-9001-VOID")  # a void document keeps its number
    office.clock.advance(3600)
    again = office.reconcile()
    assert [change.action for change in again.plan.changes if change.target.kind == "Invoice"] == [Action.CREATE]
    assert booked(office)["Id"] != right.id
