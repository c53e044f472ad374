"""A record that went: its partner is voided, archived or only reported, and nothing new is made for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_desk import ANA, BOOKED_ANA, desk_with, only, reasons
from syncctl.model import Action, FindingKind, Money
from syncctl.plan.departures import leads
from two_systems import BILL, BOOKS_PERSON, ORDER, ORDERS, PEOPLE, PERSON, Desk, bill, books_person, order, person


def gone_desk(policy: str) -> Desk:
    desk = desk_with(PEOPLE, ORDERS.replace("gone: {void: void}", policy))
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10")))
    desk.refresh()
    return desk


@pytest.mark.parametrize(
    ("policy", "action"),
    [
        ("gone: {void: void}", Action.VOID),
        ("gone: {void: archive}", Action.ARCHIVE),
        ("gone: {void: report}", None),
        ("gone: {deleted: void}", None),
        ("gone: report", None),
        ("unmatched: {}", None),
    ],
)
def test_a_void_record_voids_archives_or_only_reports_its_partner(policy: str, action: Action | None) -> None:
    desk = gone_desk(policy)
    desk.put("shop", "order", order("100", ("Work", 1000), status="void", books_id="7"))
    made = desk.plan()
    assert [(change.action, str(change.target)) for change in made.changes] == (
        [(action, "books:Bill:7")] if action else []
    )
    assert [one.kind for one in made.findings] == ([] if action else [FindingKind.GONE])
    if action:
        assert only(made).amount == Money(10, "USD")
        assert only(made).reason == "shop:order:o100 is void"


def test_a_void_at_the_receiving_side_is_reported_and_never_voids_what_it_was_made_from() -> None:
    desk = Desk(PEOPLE, ORDERS, schemas=(replace(ORDER, actions=BILL.actions), BILL, PERSON, BOOKS_PERSON))
    desk.put("shop", "person", ANA)
    desk.put("books", "Person", BOOKED_ANA)
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10")))
    desk.refresh()
    desk.put("books", "Bill", {**bill("7", "100"), "Total": 0, "Void": True})
    made = desk.plan()
    assert made.changes == ()
    assert [(one.kind, one.left_shown, one.right_shown) for one in made.findings] == [
        (FindingKind.GONE, "open", "void")
    ]


@pytest.mark.parametrize(
    ("mapping", "left_leads", "right_leads"),
    [
        ("create: right\nfields: [{left: books_id, right: Id, owner: right}]", True, False),
        ("create: left\nfields: [{left: number, right: Number, owner: left}]", False, True),
        ("create: both\nfields: []", True, True),
        ("fields: [{left: number, right: Number, owner: left}]", True, False),
        ("fields: [{left: number, right: Number, owner: right}]", False, True),
        ("fields: [{left: number, right: Number, owner: both}]", False, False),
        (
            "fields: [{left: number, right: Number, owner: left}, {left: books_id, right: Id, owner: right}]",
            False,
            False,
        ),
        ("fields: [{left: number, right: Number, owner: none}]", False, False),
    ],
)
def test_records_come_from_the_side_that_others_are_made_from_else_from_the_only_owner(
    mapping: str, left_leads: bool, right_leads: bool
) -> None:
    text = "mapping: orders\nleft: shop.order\nright: books.Bill\nmatch: [{left: number, right: Number}]\n" + mapping
    read = Desk(text).mappings[0]
    assert (leads(read, "left"), leads(read, "right")) == (left_leads, right_leads)


def test_a_deleted_record_is_only_reported_by_default() -> None:
    desk = gone_desk("gone: {void: void}")
    desk.delete("shop", "order", "o100")
    made = desk.plan()
    assert made.changes == ()
    assert [(one.kind, one.left_shown) for one in made.findings] == [(FindingKind.GONE, "deleted")]


def test_a_record_that_leaves_the_conditions_is_reported_or_voided_as_the_mapping_says() -> None:
    for policy, expected in (("gone: {void: void}", []), ("gone: {filtered: void}", [Action.VOID])):
        desk = gone_desk(policy)
        desk.put("shop", "order", order("100", ("Work", 1000), status="draft", books_id="7"))
        made = desk.plan()
        assert [change.action for change in made.changes] == expected
        assert [one.kind for one in made.findings] == ([] if expected else [FindingKind.LEFT_SCOPE])


def test_a_partner_that_cannot_be_voided_is_blocked_and_the_finding_stays() -> None:
    desk = desk_with(schemas=(ORDER, replace(BILL, actions=frozenset({Action.UPDATE}), note=""), PERSON, BOOKS_PERSON))
    desk.put("shop", "order", order("100", ("Work", 1000), books_id="7"))
    desk.put("books", "Bill", bill("7", "100", ("Work", "10")))
    desk.refresh()
    desk.put("shop", "order", order("100", ("Work", 1000), status="void", books_id="7"))
    made = desk.plan()
    assert made.changes == ()
    assert {one.kind for one in made.findings} == {FindingKind.BLOCKED, FindingKind.GONE}


def test_a7_an_archived_candidate_is_told_with_the_way_back_and_no_second_record_is_made() -> None:
    desk = Desk(PEOPLE)
    desk.put("shop", "person", ANA)
    desk.put("books", "Person", {**BOOKED_ANA, "Active": False})
    made = desk.plan()
    assert made.changes == ()
    (found,) = made.findings
    assert (found.kind, str(found.right), found.left_shown, found.right_shown) == (
        FindingKind.GONE,
        "books:Person:1",
        "open",
        "archived",
    )
    assert found.hint == (
        "the record is archived in books and not in shop: make it active again in books, or archive the other too;"
        " no second one is made"
    )


def test_a9_nothing_new_is_made_for_an_archived_record_and_the_other_rows_go_through() -> None:
    desk = desk_with()
    desk.put("shop", "person", person("p2", "Bea", "b@x.com"))
    desk.put("books", "Person", {**books_person("2", "Bea", "b@x.com"), "Active": False})
    desk.put("shop", "order", order("100", ("Work", 1000)), order("200", ("Work", 1000), person="p2"))
    made = desk.plan()
    assert [change.name for change in made.changes if change.action is Action.CREATE] == ["100"]
    (reason,) = reasons(made)
    assert reason == "it needs Person Bea (2), which is archived in books: make it active again there"


def test_an_archived_source_holds_nothing_that_was_sold_before() -> None:
    schema = replace(PERSON, actions=frozenset())
    desk = desk_with(schemas=(replace(ORDER, actions=BILL.actions), BILL, schema, BOOKS_PERSON))
    desk.put("shop", "person", {**ANA, "Active": False})
    desk.put("shop", "order", order("100", ("Work", 1000)))
    made = desk.plan()
    assert [one.kind for one in made.findings] == [FindingKind.GONE]
    assert [change.name for change in made.changes if change.action is Action.CREATE] == ["100"]
