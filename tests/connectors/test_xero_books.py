"""What the plan knows of a Xero organisation's books: credit notes go to their invoices, locked days, tracking."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.test_xero_chain import QUIET, XeroOffice
from deeds import hints, settled_office, vendor
from syncctl.ledger.states import State


class ProjectOffice(XeroOffice):
    """The same office, whose new deals are for a project that Xero has an option for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, scale=0.01)

    def agreed(self, cents: int) -> dict[str, str]:
        return {"hubspot_deal_id": self.deal(cents, self.project_id)["id"]}


@pytest.fixture
def office() -> Iterator[ProjectOffice]:
    with settled_office(ProjectOffice) as found:
        yield found


def credit(office: ProjectOffice, sold: dict[str, Any], cents: int) -> dict[str, Any]:
    """A Stripe credit note that lowers an open invoice."""
    now = int(office.clock.now().timestamp())
    line = {"id": "cnli_1", "amount": cents, "description": "Goodwill", "quantity": 1, "type": "custom_line_item",
            "unit_amount": cents, "unit_amount_decimal": str(cents)}  # fmt: skip
    amounts = dict.fromkeys(
        ("amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax", "pre_payment_amount"), cents
    )
    body = {"number": f"{sold['number']}-CN-01", "created": now - 60, "effective_at": now - 60, "invoice": sold["id"]}
    return office.seed("stripe", "credit_note", {**body, **amounts, "type": "pre_payment", "lines": [line]})


def notes(office: ProjectOffice, number: str = "INV-9001-CN-01") -> list[dict[str, Any]]:
    return [one for one in office.records("xero", "CreditNote").values() if one["CreditNoteNumber"] == number]


def allocated(note: dict[str, Any]) -> list[tuple[str, str]]:
    return [(part["Invoice"]["InvoiceNumber"], f"{Decimal(part['Amount']):.2f}") for part in note["Allocations"]]


def order_of(report: Any) -> list[str]:
    mappings = [row.change.mapping for row in report.applied.rows]
    return [name for name in mappings if name in ("invoices", "credit_memos", "credit_allocations", "deals")]


def test_a_credit_note_ends_allocated_to_its_invoice_and_the_next_nights_are_quiet(office: ProjectOffice) -> None:
    credit(office, office.sell(), 2_500)
    report = office.reconcile()
    assert report.applied is not None
    assert {row.state for row in report.applied.rows} == {State.APPLIED}
    (note,), (booked,) = notes(office), office.invoices("INV-9001")
    assert (allocated(note), note["RemainingCredit"]) == ([("INV-9001", "25.00")], "0.00")
    assert [Decimal(booked[name]) for name in ("AmountDue", "AmountCredited")] == [100, 25]
    placed = order_of(report)
    assert placed.index("credit_allocations") > max(placed.index("invoices"), placed.index("credit_memos"))
    (given,) = (change for change in report.plan.changes if change.mapping == "credit_allocations")
    assert (given.undo, given.final.partition(":")[0]) == (
        "",
        "Xero only deletes an allocation, and nothing here deletes",
    )
    assert office.night() == QUIET


def test_an_allocation_waits_for_a_credit_note_that_failed_and_is_made_the_next_night(office: ProjectOffice) -> None:
    credit(office, office.sell(), 2_500)
    office.fault("xero", fault="500 before", method="PUT", path="/CreditNotes", times=50)
    report = office.reconcile()
    assert report.applied is not None
    states = {row.change.mapping: row.state for row in report.applied.rows}
    assert states["invoices"] is State.APPLIED
    assert states["credit_allocations"] is not State.APPLIED
    office.sandboxes["xero"].faults.clear()
    office.night()
    (note,) = notes(office)
    assert allocated(note) == [("INV-9001", "25.00")]
    assert office.night() == QUIET


def test_an_allocation_without_an_answer_is_made_once(office: ProjectOffice) -> None:
    credit(office, office.sell(), 2_500)
    office.fault("xero", fault="lost", method="PUT", path="/Allocations")
    office.reconcile()
    assert office.struck()
    office.night()
    (note,) = notes(office)
    assert allocated(note) == [("INV-9001", "25.00")]
    assert office.night() == QUIET


def test_what_a_person_allocated_is_recognised_and_another_amount_is_left_to_a_person(office: ProjectOffice) -> None:
    credit(office, office.sell(), 2_500)
    office.reconcile(names=[one.name for one in office.project.mappings if one.name != "credit_allocations"])
    (note,), (booked,) = notes(office), office.invoices("INV-9001")
    office.clock.advance(3600)
    office.xero.allocate(note["CreditNoteID"], booked["InvoiceID"], "10.00")
    report, writes = office.count_writes(office.reconcile)
    assert writes["xero"] == 0
    asked = [one for one in report.findings if one.mapping == "credit_allocations"]
    assert [one.kind for one in asked] == ["proposal"]
    office.xero.allocate(note["CreditNoteID"], booked["InvoiceID"], "15.00")
    office.clock.advance(3600)
    assert [one for one in office.reconcile().findings if one.mapping == "credit_allocations"] == []
    assert allocated(notes(office)[0]) == [("INV-9001", "10.00"), ("INV-9001", "15.00")]
    assert office.night() == QUIET


def test_no_more_is_allocated_than_is_left_of_the_credit_note(office: ProjectOffice) -> None:
    first, second = office.sell(), office.sell("INV-9002", deal=False)
    credit(office, first, 2_500)
    office.reconcile(names=[one.name for one in office.project.mappings if one.name != "credit_allocations"])
    (note,), (other,) = notes(office), office.invoices(second["number"])
    office.clock.advance(3600)
    office.xero.allocate(note["CreditNoteID"], other["InvoiceID"], "20.00")
    report, writes = office.count_writes(office.reconcile)
    assert writes["xero"] == 0
    assert [one for one in hints(report.findings) if "on which 5.00 USD is owed" in one]


# --- lock dates ---


def test_a50_nothing_is_planned_on_or_before_the_later_of_the_two_lock_dates(office: ProjectOffice) -> None:
    office.xero.set_rules(period_lock="2026-10-31", year_lock="2026-11-20")
    office.sell()
    report, writes = office.count_writes(office.reconcile)
    assert (writes, office.invoices("INV-9001")) == (QUIET, [])
    told = [hint for hint in hints(report.findings) if hint.startswith("the books are closed to 2026-11-20 in xero")]
    assert told
    assert "`from:` in the mapping" in told[0]
    office.xero.set_rules(period_lock="2026-11-15", year_lock="2026-10-31")
    office.night()
    assert len(office.invoices("INV-9001")) == 1


# --- tracking ---


def projects(booked: dict[str, Any]) -> list[list[str]]:
    return [[one["Option"] for one in line["Tracking"]] for line in booked["LineItems"]]


def with_two_lines(office: ProjectOffice) -> dict[str, Any]:
    """A sale of two things; both lines of its invoice in Xero are for the project of its deal."""
    sold = office.sell()
    held = vendor(office, "stripe").store.things["invoice"].pop(sold["id"])
    (line,) = held["lines"]["data"]
    more = {**line, "id": "il_more", "description": "Travel", "amount": 4_000}
    totals = dict.fromkeys(("total", "subtotal", "total_excluding_tax", "amount_due", "amount_remaining"), 16_500)
    office.seed("stripe", "invoice", {**held, "lines": [line, more], **totals})
    office.reconcile()
    (booked,) = office.invoices("INV-9001")
    assert projects(booked) == [[office.project_id], [office.project_id]]
    found = office.xero.books.get("Invoice", booked["InvoiceID"])
    assert found is not None
    office.clock.advance(3600)
    return found


def test_a_line_that_is_added_to_an_invoice_carries_the_project_like_the_others(office: ProjectOffice) -> None:
    held = with_two_lines(office)
    totals = dict.fromkeys(("SubTotal", "Total", "AmountDue"), Decimal(125))
    office.xero.edit("Invoice", held["InvoiceID"], LineItems=held["LineItems"][:1], **totals)
    report = office.reconcile()
    assert report.applied is not None
    assert [row.state for row in report.applied.rows] == [State.APPLIED] * len(report.applied.rows)
    (booked,) = office.invoices("INV-9001")
    assert (projects(booked), booked["Total"]) == ([[office.project_id], [office.project_id]], "165.00")
    assert office.night() == QUIET


def test_a_line_that_a_person_left_without_a_project_gets_the_one_of_the_deal(office: ProjectOffice) -> None:
    held = with_two_lines(office)
    first, second = held["LineItems"]
    office.xero.edit("Invoice", held["InvoiceID"], LineItems=[first, {**second, "Tracking": []}])
    office.reconcile()
    assert projects(*office.invoices("INV-9001")) == [[office.project_id], [office.project_id]]
    assert office.night() == QUIET
