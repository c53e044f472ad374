"""The product's promise over every stack: Stripe, then the books, then the CRM, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.house import alone
from deeds import pay
from stacks import ALL, BOOKS_PATHS, StackOffice, name_of
from syncctl import run
from syncctl.cli.demo import Cast
from syncctl.run import ReconcileReport
from syncctl.sandbox.breaks import KINDS
from syncctl.stack import Stack
from test_breaks import plain

NUMBER = "INV-9001"
INVOICED = {"hubspot": "1089402233", "salesforce": "Invoiced"}


@dataclass(frozen=True)
class Story:
    """One invoice that the books did not take at first, told as far as the tests ask."""

    office: StackOffice
    sold: dict[str, Any]
    deal_before: dict[str, Any]
    failed: ReconcileReport
    deal_then: dict[str, Any]
    booked_then: list[dict[str, Any]]
    resumed_code: int
    later: ReconcileReport
    later_writes: dict[str, int]


@pytest.fixture(scope="module", params=ALL, ids=name_of)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    office = StackOffice(tmp_path_factory.mktemp("office"), request.param)
    sold = office.sell(NUMBER)
    before = office.deal_of(sold)
    books = office.stack.books
    office.fault(
        books, fault="500 before", path=BOOKS_PATHS[books], method="PUT" if books == "xero" else "POST", times=50
    )
    failed = office.reconcile()
    then, booked = office.deal_of(sold), office.booked(NUMBER)
    office.sandboxes[books].faults.clear()
    office.clock.advance(600)
    resumed = run.resume(office.project, failed.run.id)
    office.clock.advance(3600)
    office.reopen()
    later, writes = office.count_writes(office.reconcile)
    yield Story(office, sold, before, failed, then, booked, resumed.exit_code, later, writes)
    office.project.close()


def test_a_company_without_breaks_differs_only_in_what_was_just_sold(story: Story) -> None:
    books, crm = story.office.stack.books, story.office.stack.crm
    assert Counter((change.action, change.target.system) for change in story.failed.plan.changes) == {
        ("create", books): 1,
        ("update", "stripe"): 1,
        ("update", crm): 1,
    }


def test_c59_an_invoice_that_the_books_do_not_take_is_not_told_the_crm(story: Story) -> None:
    assert story.failed.exit_code == 5
    assert story.booked_then == []
    assert story.deal_then == story.deal_before


def test_c59_resume_books_the_invoice_once_and_then_tells_the_crm(story: Story) -> None:
    office = story.office
    assert story.resumed_code == 0
    (booked,) = office.booked(NUMBER)
    assert office.total(booked) == "125.00"
    assert office.told(story.sold) == (NUMBER, INVOICED[office.stack.crm])
    linked = office.records("stripe", "invoice")[story.sold["id"]]["metadata"][f"{office.stack.books}_id"]
    assert linked == booked["Id" if office.stack.books == "quickbooks" else "InvoiceID"]


def test_c16_the_crms_project_id_reaches_the_books(story: Story) -> None:
    (booked,) = story.office.booked(NUMBER)
    assert story.office.project_of(booked) == {story.office.project_id}


def test_a15_c49_the_next_run_writes_nothing(story: Story) -> None:
    assert (story.later.exit_code, story.later.plan.changes) == (0, ())
    assert set(story.later_writes.values()) == {0}


@pytest.mark.parametrize(
    ("system", "method", "path"), [("xero", "PUT", "/Invoices"), ("salesforce", "PATCH", "/Opportunity")]
)
def test_a1_a_lost_answer_is_found_out_and_nothing_is_written_twice(
    tmp_path: Path, system: str, method: str, path: str
) -> None:
    office = StackOffice(tmp_path, Stack("xero", "salesforce"))
    office.sandboxes["xero"].vendor.key_seconds = -1  # Xero forgot the key: only looking helps
    sold = office.sell(NUMBER)
    office.fault(system, fault="lost", method=method, path=path)
    office.reconcile()
    office.clock.advance(3600)
    office.reopen()
    assert office.reconcile().exit_code == 0
    assert office.struck()
    assert len(office.booked(NUMBER)) == 1
    assert office.told(sold) == (NUMBER, INVOICED["salesforce"])


def test_a_sale_that_is_paid_already_is_booked_paid_and_told_in_one_run(tmp_path: Path) -> None:
    """The project reaches Xero before the payment freezes the invoice, and the CRM hears of the balance after it."""
    office = StackOffice(tmp_path, Stack("xero", "salesforce"))
    sold = office.sell(NUMBER)
    pay(office, (sold, 12_500))
    office.reconcile()
    (booked,) = office.booked(NUMBER)
    assert (booked["Status"], office.project_of(booked)) == ("PAID", {office.project_id})
    assert office.told(sold) == (NUMBER, "Closed Won")
    assert Decimal(office.deal_of(sold)["Open_Balance__c"]) == 0
    office.clock.advance(3600)
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, set(writes.values())) == (0, {0})


@pytest.mark.parametrize("stack", ALL, ids=name_of)
def test_the_demo_of_every_stack_ends_with_only_what_needs_a_person(stack: Stack) -> None:
    said = alone("demo", "--stack", f"{stack.books},{stack.crm}", "--scale", "0.01", "--json")
    kinds = [kind for kind in KINDS if kind.only in ("", stack.books)]
    assert said.code == 0
    assert said.json["breaks"] == len(kinds)
    assert said.json["second_run_writes"] == 0
    assert said.json["open"] == sum(len(kind.shows) for kind in kinds if kind.outcome == "person")


FIELDS = {
    "PrimaryEmailAddr.Address": "EmailAddress",
    "BillAddr.Line1": "Addresses.AddressLine1",
    "metadata.quickbooks_id": "metadata.xero_id",
    "Line.Amount": "LineItems.LineAmount",
    "QuickBooks invoice number": "Xero invoice number",
    "phone": "Phone",
    "dealstage": "StageName",
    "amount": "Amount",
}
MAPPINGS = {"deals": "opportunities"}
"""What a break shows in: the usual stack's names and Xero's and Salesforce's."""


def test_the_dry_run_of_another_stack_shows_every_planted_break(tmp_path: Path) -> None:
    """The usual stack has tests/test_breaks.py."""
    stack = Stack("xero", "salesforce")
    office = StackOffice(tmp_path, stack, broken=True)
    report = office.reconcile(dry_run=True)
    office.project.close()
    shown = {(change.mapping, str(change.action)) for change in report.plan.changes}
    shown |= {(one.mapping, plain(edit.field)) for one in report.plan.changes for edit in one.edits}
    shown |= {(one.mapping, what) for one in report.findings for what in (str(one.kind), plain(one.field))}
    for kind in KINDS:
        if kind.outcome != "explained" and kind.only in ("", stack.books):
            said = {(MAPPINGS.get(where, where), FIELDS.get(what, what)) for where, what in kind.shows}
            assert said & shown, (kind.name, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("demo", "--stack", "xreo"), "did you mean xero?"),
        (("demo", "--stack", "xero,netsuite"), "there is: hubspot, quickbooks, salesforce, stripe, xero"),
        (("demo", "--stack", "quickbooks,xero"), "quickbooks and xero both keep the books"),
        (("init", "--stack", "salesforce,hubspot"), "hubspot and salesforce both are a CRM"),
        (("sandbox", "serve", "zero"), "did you mean xero?"),
        (("init", "--stack", "xero", "--sandbox", "ready.json"), "already which systems there are"),
    ],
)
def test_a_stack_that_does_not_exist_is_refused_with_what_was_meant(words: tuple[str, ...], said: str) -> None:
    found = alone(*words)
    assert found.code == 64
    assert said in found.err


def test_a_kept_demo_says_how_its_systems_are_served() -> None:
    assert Cast(Stack(), 1, 0.2).serving == "syncctl sandbox serve --seed 1 --scale 0.2"
    other = Cast(Stack("xero", "salesforce"), 7, 1.0)
    assert other.serving == "syncctl sandbox serve stripe xero salesforce --seed 7 --scale 1"
    assert list(other.served) == ["stripe", "xero", "salesforce"]
