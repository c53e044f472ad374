"""Closed books: a document dated in a closed period is neither made, changed nor voided; the plan says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deeds import NOTHING, hints, quiet_hour, settled_office, vendor
from office import Office
from plan_desk import reasons
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action, FindingKind
from two_systems import (
    BILL,
    BOOKS_PERSON,
    ORDER,
    ORDERS,
    PEOPLE,
    PERSON,
    Desk,
    bill,
    books_person,
    fields,
    order,
    person,
)

SETUP = Schema("books", "Setup", fields(Field("Id", "id"), Field("ClosedTo", "date")), identity="Id")
CLOSING = replace(BILL, closed_by=("Setup", "1", "ClosedTo"))
SOLD_ON = "2026-11-18"


def desk_closed_to(day: str | None) -> Desk:
    """Ana is in both systems; the books are closed to this day."""
    desk = Desk(PEOPLE, ORDERS, schemas=(ORDER, CLOSING, PERSON, BOOKS_PERSON, SETUP))
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    if day is not None:
        desk.put("books", "Setup", {"Id": "1", "ClosedTo": day})
    return desk


def booked(desk: Desk, **more: Any) -> None:
    """Order 100 and its bill, paired."""
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10"), **more))
    desk.refresh()


def reason(closed_to: str, dated: str) -> str:
    return (
        f"the books are closed to {closed_to} in books, and this is dated {dated}: move the closing date there, or"
        " write it in books by hand; `from:` in the mapping leaves older records out"
    )


@pytest.mark.parametrize(
    ("closed_to", "blocked"),
    [("2026-11-17", False), (SOLD_ON, True), ("2026-12-31", True), (None, False), ("", False), ("soon", False)],
)
def test_a50_a_document_dated_on_or_before_the_closing_date_is_not_created(
    closed_to: str | None, blocked: bool
) -> None:
    desk = desk_closed_to(closed_to)
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = desk.plan()
    assert [change.action for change in made.changes] == ([] if blocked else [Action.CREATE, Action.UPDATE])
    assert reasons(made) == ([reason(str(closed_to), SOLD_ON)] if blocked else [])


@pytest.mark.parametrize(("other", "blocked"), [(SOLD_ON, True), ("2026-11-17", False), ("", False)])
def test_a50_of_two_closing_dates_the_later_holds(other: str, blocked: bool) -> None:
    setup = replace(SETUP, fields=fields(Field("Id", "id"), Field("ClosedTo", "date"), Field("LockedTo", "date")))
    both = replace(CLOSING, closed_by=("Setup", "1", "ClosedTo", "LockedTo"))
    desk = Desk(PEOPLE, ORDERS, schemas=(ORDER, both, PERSON, BOOKS_PERSON, setup))
    desk.put("shop", "person", person("p1", "Ana", "a@x.com"))
    desk.put("books", "Person", books_person("1", "Ana", "a@x.com"))
    desk.put("books", "Setup", {"Id": "1", "ClosedTo": "2026-10-31", "LockedTo": other})
    desk.put("shop", "order", order("100", ("Work", 1000)))
    assert reasons(desk.plan()) == ([reason(SOLD_ON, SOLD_ON)] if blocked else [])


def test_a_document_in_a_closed_period_is_not_changed() -> None:
    desk = desk_closed_to("2026-11-30")
    booked(desk)
    desk.put("shop", "order", order("100", ("More work", 2000), books_id="7"))
    made = desk.plan()
    assert (made.changes, reasons(made)) == ((), [reason("2026-11-30", SOLD_ON)])


def test_a_document_is_moved_neither_out_of_a_closed_period_nor_into_one() -> None:
    for day, closed_to in (("2026-10-05", "2026-10-31"), ("2026-12-05", "2026-11-30")):
        desk = desk_closed_to(closed_to)
        booked(desk, Date=day)
        made = desk.plan()
        assert (made.changes, reasons(made)) == ((), [reason(closed_to, min(day, SOLD_ON))])


def test_a_document_in_a_closed_period_is_not_voided_and_stays_a_finding() -> None:
    desk = desk_closed_to("2026-11-30")
    booked(desk)
    desk.put("shop", "order", order("100", ("Work", 1000), status="void", books_id="7"))
    made = desk.plan()
    assert (made.changes, reasons(made)) == ((), [reason("2026-11-30", SOLD_ON)])
    assert FindingKind.GONE in {one.kind for one in made.findings}


def test_what_is_no_document_of_the_books_is_written_however_early_they_closed() -> None:
    desk = desk_closed_to("2026-11-30")
    desk.put("shop", "person", person("p1", "Ana", "a@x.com", phone="5"), person("p2", "Bea", "b@x.com"))
    booked(desk)
    desk.put("shop", "order", order("100", ("Work", 1000)))
    assert sorted((change.mapping, change.action) for change in desk.plan().changes) == [
        ("orders", Action.UPDATE),  # the order's own books_id
        ("people", Action.CREATE),
        ("people", Action.UPDATE),
    ]


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def test_a50_the_dry_run_knows_the_closing_date_of_quickbooks(office: Office) -> None:
    vendor(office, "quickbooks").set_rules(book_close_date=office.clock.now().date().isoformat())
    sold = office.sell()
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes) == (2, NOTHING)
    assert [
        hint for hint in hints(report.findings) if hint.startswith("the books are closed to 2026-11-20 in quickbooks")
    ]
    vendor(office, "quickbooks").set_rules(book_close_date="2026-10-31")
    office.clock.advance(3600)
    assert office.reconcile().exit_code == 0
    assert len(office.booked(sold["number"])) == 1
    assert quiet_hour(office) == NOTHING
