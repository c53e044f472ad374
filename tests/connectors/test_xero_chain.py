"""Stripe, Xero and HubSpot reconciled as a whole: what breaks on the way to Xero, and that nothing is written twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from deeds import settled_office
from office import LIMITLESS, Office
from syncctl import run
from syncctl.ledger.states import State
from syncctl.sandbox.xero import XeroSandbox
from syncctl.stack import Stack

SETTINGS = """
ledger: ledger.db
mappings: mappings
systems:
  stripe: {{connector: stripe, environment: sandbox, credential: "env:STRIPE", company: "{stripe}"}}
  xero: {{connector: xero, environment: sandbox, credential: "env:XERO", company: "{xero}"}}
  hubspot: {{connector: hubspot, environment: sandbox, credential: "env:HUBSPOT", company: "{hubspot}"}}
books:
  time_zone: America/New_York
  accounts: {{sales: 200, shipping: 260, refunds: 265, credits: 270, clearing: 880}}
  tables:
    sales_tax: {{CA: TAX001, NY: TAX002, TX: TAX003, IL: TAX004, MA: TAX005, MN: TAX006}}
guards: {{max_changes: 1000}}
"""
QUIET = {"stripe": 0, "xero": 0, "hubspot": 0}


class XeroOffice(Office):
    """The same small company, whose books are at Xero."""

    stack = Stack(books="xero")

    def settings(self) -> str:
        return SETTINGS.format(**{name: found.company for name, found in self.credentials.items()})

    @property
    def xero(self) -> XeroSandbox:
        found = self.sandboxes["xero"].vendor
        assert isinstance(found, XeroSandbox)
        return found

    def invoices(self, number: str) -> list[dict[str, Any]]:
        """Xero's invoices with this number."""
        return [one for one in self.records("xero", "Invoice").values() if one["InvoiceNumber"] == number]

    def night(self) -> dict[str, int]:
        """How many writes each vendor sees in the next night's run."""
        self.clock.advance(86_400)
        self.reopen()
        return self.count_writes(self.reconcile)[1]


@pytest.fixture
def office() -> Iterator[XeroOffice]:
    with settled_office(XeroOffice) as found:
        yield found


def test_a15_a_sale_goes_through_the_books_to_the_deal_and_the_next_nights_are_quiet(office: XeroOffice) -> None:
    sold = office.sell()
    report = office.reconcile()
    assert report.applied is not None
    assert {row.state for row in report.applied.rows} == {State.APPLIED}
    (booked,) = office.invoices("INV-9001")
    assert (booked["Total"], booked["Status"]) == ("125.00", "AUTHORISED")
    assert sold["id"] in booked["Reference"]
    assert office.records("stripe", "invoice")[sold["id"]]["metadata"]["xero_id"] == booked["InvoiceID"]
    assert office.night() == QUIET
    assert office.night() == QUIET


@pytest.mark.parametrize("fault", ["lost", "late"])
def test_a1_an_invoice_without_a_clear_answer_is_booked_once(office: XeroOffice, fault: str) -> None:
    office.sell()
    office.fault("xero", fault=fault, method="PUT", path="/Invoices")
    office.reconcile()
    assert office.struck()
    office.night()
    assert len(office.invoices("INV-9001")) == 1
    assert office.night() == QUIET


def test_a2_an_answer_lost_with_the_process_is_found_the_next_night(office: XeroOffice) -> None:
    office.sell()
    office.fault("xero", fault="lost", method="PUT", path="/Invoices")
    office.fault("xero", fault="500 before", method="GET", path="/Invoices", times=5, skip=1)
    office.reconcile()
    assert office.struck()
    office.night()
    assert len(office.invoices("INV-9001")) == 1
    assert office.night() == QUIET


def test_a56_an_invoice_that_a_person_changed_meanwhile_is_not_overwritten(office: XeroOffice) -> None:
    sold = office.sell()
    office.reconcile()
    (booked,) = office.invoices("INV-9001")
    office.clock.advance(3600)
    office.xero.edit("Invoice", booked["InvoiceID"], InvoiceNumber="INV-WRONG")
    run.pull(office.project)
    plan = run.plan(office.project)
    office.clock.advance(60)
    office.xero.edit("Invoice", booked["InvoiceID"], InvoiceNumber="BY-HAND")
    report = run.apply(office.project, plan, choices=LIMITLESS)
    assert [(row.change.mapping, row.state) for row in report.rows] == [("invoices", State.CONFLICT)]
    assert len(office.invoices("BY-HAND")) == 1
    assert sold["id"]


def test_a57_a_line_that_a_person_changed_is_corrected_and_the_other_lines_stay(office: XeroOffice) -> None:
    office.sell()
    office.reconcile()
    (booked,) = office.invoices("INV-9001")
    office.clock.advance(3600)
    (line,) = office.xero.books.get("Invoice", booked["InvoiceID"])["LineItems"]  # type: ignore[index]
    own = {**line, "LineItemID": office.xero.books.new_id("LineItem"), "Description": "More", "LineAmount": Decimal(5),
           "UnitAmount": Decimal(5)}  # fmt: skip
    wrong = {**line, "LineAmount": Decimal(120), "UnitAmount": Decimal(120)}
    held = office.xero.edit("Invoice", booked["InvoiceID"], LineItems=[wrong, own], Total=Decimal(125))
    office.reconcile()
    (mended,) = office.invoices("INV-9001")
    assert [entry["LineItemID"] for entry in mended["LineItems"]] == [held["LineItems"][0]["LineItemID"]]
    assert (mended["LineItems"][0]["LineAmount"], mended["Total"]) == ("125.00", "125.00")
    assert office.night() == QUIET


def test_a60_a_day_limit_while_pushing_stops_and_the_next_day_goes_on_without_a_second_write(
    office: XeroOffice,
) -> None:
    office.sell()
    run.pull(office.project)
    plan = run.plan(office.project)
    office.xero.limit_problem = "day"
    office.fault("xero", fault="429", method="PUT", path="/Invoices")
    slept = office.clock.slept
    report = run.apply(office.project, plan, choices=LIMITLESS)
    assert report.exit_code == 75
    assert office.clock.slept - slept < 60
    assert office.invoices("INV-9001") == []
    office.night()
    assert len(office.invoices("INV-9001")) == 1
    assert office.night() == QUIET
