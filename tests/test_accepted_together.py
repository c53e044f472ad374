"""A total that is off because its lines are is one thing with them: whoever accepts one accepts both."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from deeds import settled_office
from office import Office
from syncctl import run
from syncctl.model import Finding
from syncctl.reconciliation.belonging import belonging
from syncctl.run.review import findings_accept, findings_list
from two_systems import ORDERS, PEOPLE, Desk, bill, books_person, order, person


def too_high(theirs: str = "60000", **more: object) -> Desk:
    """One invoice that is too high in the books."""
    desk = Desk(PEOPLE, ORDERS)
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    desk.put("shop", "order", order("100", ("Consulting", 1000000), ("Travel", 5000), books_id="7"))
    desk.put("books", "Bill", {**bill("7", "100", ("Consulting", theirs), ("Travel", "50")), **more})
    return desk


def with_it(desk: Desk, number: int) -> list[int]:
    mapping = desk.books.lookups.mapping_id("orders")
    rows = desk.books.findings.open(mapping)
    return [row.number for row in belonging(desk.projection("orders"), rows, number)]


def test_lines_that_differ_say_which_and_what_each_side_has() -> None:
    (lines,) = [one for one in too_high().findings() if one.field != "Total"]
    assert (lines.left_shown, lines.right_shown) == (
        "1 line: Consulting, 10000 USD",
        "1 line: Consulting, 60000 USD",
    )


@pytest.mark.parametrize("first", ["Total", "lines"])
def test_a_total_and_the_lines_it_follows_from_are_accepted_together_and_nothing_is_corrected(first: str) -> None:
    desk = too_high()
    found = {"Total" if one.field == "Total" else "lines": one for one in desk.findings()}
    other: Finding = found["lines" if first == "Total" else "Total"]
    assert with_it(desk, found[first].number) == [other.number]
    assert len(desk.plan().changes) == 1
    for one in found.values():
        desk.accept(one.number, "agreed with the customer")
    assert desk.plan().changes == ()


def test_a_total_that_is_off_by_something_else_too_is_no_part_of_its_lines() -> None:
    desk = too_high(Total=60051)
    assert [with_it(desk, one.number) for one in desk.findings()] == [[], []]


def test_accepting_the_total_of_an_invoice_that_is_too_high_stops_the_correction_of_its_lines() -> None:
    with settled_office() as office:
        office.sell("INV-9001", deal=False)
        office.reconcile()
        (booked,) = office.booked("INV-9001")
        lines = json.loads(json.dumps(booked["Line"]))
        line = next(each for each in lines if each["DetailType"] == "SalesItemLineDetail")
        line["Amount"] = str(Decimal(line["Amount"]) + 50000)
        line["SalesItemLineDetail"] |= {"Qty": 1, "UnitPrice": line["Amount"]}
        office.amend("Invoice", booked, Line=lines, TotalAmt=str(Decimal(booked["TotalAmt"]) + 50000))
        run.pull(office.project)
        found = [one for one in findings_list(office.project, ["invoices"]) if not one.accepted]
        (line,) = [
            one for one in run.diff(office.project).statement if one.mapping == "invoices" and one.correcting.items
        ]
        assert (line.correcting.items, line.waiting.items) == (1, 0)  # as a plan made now would, though none is made
        assert len(run.plan(office.project).changes) > 0
        total = next(one for one in found if one.field == "TotalAmt")
        before = waiting(office)
        accepted = findings_accept(office.project, total.number, "agreed by mail")
        assert len(accepted.with_it) == 1
        assert [change for change in run.plan(office.project).changes if change.mapping == "invoices"] == []
        assert (before, waiting(office)) == (1, 0)


def waiting(office: Office) -> int:
    """Invoices whose amounts the statement counts as open."""
    lines = [line for line in run.diff(office.project).statement if line.mapping == "invoices"]
    return sum(part.items for line in lines for part in (line.correcting, line.waiting, line.unexplained))
